"""What a program tells of its jobs, made fit to be kept; nothing here raises."""

from __future__ import annotations

import os
from contextlib import suppress

from sallim.recording import tell_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

SECONDS_MAX = 1e11
"""Year 5138: what is beyond was told in milliseconds."""


def host_name() -> str:
    """Without `socket` and `platform`, which take milliseconds to import."""
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")


def key_text(key: object) -> str:
    from sallim.ledger.rows import CHARACTERS_MAX, clean

    return "" if key is None or callable(key) else clean(str(key), CHARACTERS_MAX["key"])


def queued_us(moment: datetime | float | None) -> int | None:
    """None, and a word about it, for what is no moment."""
    if moment is None:
        return None
    with suppress(TypeError, ValueError, OverflowError):
        seconds = moment if isinstance(moment, (int, float)) else _epoch_seconds(moment)
        if 0 < seconds < SECONDS_MAX:
            return int(seconds * 1_000_000)
    tell_once(
        "queued_at",
        f"queued_at={moment!r} is left out: give epoch seconds, as time.time() does, or a datetime "
        "with its zone, as datetime.now(timezone.utc) does.",
    )
    return None


def _epoch_seconds(moment: datetime) -> float:
    """-1 without a zone: it may be meant in any, and hours of waiting would be made up."""
    zone = getattr(moment, "tzinfo", None)
    return -1.0 if zone is None else moment.timestamp()


def failure_text(kind: type[BaseException] | None, error: BaseException | None) -> str:
    """Type and text of what ended a job; "" where that is no failure."""
    if kind is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return ""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 an exception whose text cannot be made still has a type
        text = ""
    return f"{kind.__qualname__}: {text}" if text else kind.__qualname__
