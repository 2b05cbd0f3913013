"""Refusals: HTTP 402 with JSON that says what is left, what is needed and how to go on.

402 and not an exception: the SDKs of OpenAI, Anthropic and Google make one attempt of it, where
they try three times again what a transport raises (measured with openai 3.54, anthropic 2.12).
What frees by itself, such as a quota of a minute, is 429, which says when.
"""

from __future__ import annotations

import json
import time
from typing import NamedTuple

from sallim.ledger.money_rows import BUDGET, PACE, QUOTA
from sallim.ledger.refusals import MINUTE_US
from sallim.ledger.statement_rows import Refusal as Row
from sallim.money import MICRO

STATUS, SLOW_DOWN = 402, 429
HEADERS = (("content-type", "application/json"), ("x-should-retry", "false"))
"""The second is read by the SDKs of OpenAI and Anthropic."""

UNKNOWN_HOST, UNKNOWN_MODEL = "unknown_host", "unknown_model"
UNPRICED_PATH, UNPRICED_TOOL, UNBOUNDED = "unpriced_path", "unpriced_tool", "unbounded"
UNREADABLE, LEDGER, NO_LEDGER = "unreadable_request", "ledger_unavailable", "no_ledger"
"""Codes of refusals beside those of the ledger (budget, no_budget, no_period, repeated, pace,
quota, held)."""

KINDS = {
    BUDGET: "budget_exceeded",
    PACE: "rate_limit_exceeded",
    QUOTA: "rate_limit_exceeded",
}


class Refusal(NamedTuple):
    """Why a call is not sent. Money is in micro-won; None where it is no matter of money."""

    code: str
    message: str
    how: str
    """What a person can do, such as the lines to paste."""

    bucket: str = ""
    left_micro: int | None = None
    needed_micro: int | None = None
    resets_us: int = 0
    zone: str = ""
    """Of the household whose month it is, as in Asia/Seoul."""

    @property
    def status(self) -> int:
        """Of HTTP."""
        return SLOW_DOWN if self.code in (PACE, QUOTA) else STATUS

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Of HTTP: an SDK must not try again by itself, also where a caller may later on."""
        if self.status != SLOW_DOWN or not self.resets_us:
            return HEADERS
        seconds = max(1, -(-(self.resets_us - time.time_ns() // 1_000) // MICRO))
        return (*HEADERS, ("retry-after", str(seconds)))

    def body(self) -> bytes:
        """JSON as the SDKs look for it; amounts are decimal texts in won, so nothing rounds."""
        error = {
            "type": KINDS.get(self.code, "call_refused"),
            "code": self.code,
            "message": f"Sallim: {self.message} {self.how}".strip(),
            "left_krw": _won(self.left_micro),
            "needed_krw": _won(self.needed_micro),
            "bucket": self.bucket,
            "resets_at": moment_of(self.resets_us),
            "resets_at_local": local_of(self.resets_us, self.zone),
            "time_zone": self.zone or None,
            "how_to_raise": self.how,
        }
        # `type` beside `error` is where Anthropic's SDK looks.
        return json.dumps({"type": "error", "error": error}, ensure_ascii=False).encode()


def row_of(refusal: Refusal, provider: str, name: str, priority: str) -> Row:
    """As it is counted where the ledger was not asked for money; `name` is a model, else a path."""
    now_us = time.time_ns() // 1_000
    key = ("", provider, name, now_us - now_us % MINUTE_US)
    return Row(0, *key, refusal.code, priority, 1, 0, now_us)


def local_of(us: int, zone: str) -> str | None:
    """As RFC 3339 with the offset of the zone; None where this machine does not know it."""
    if not us or not zone:
        return None
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        return datetime.fromtimestamp(us // MICRO, ZoneInfo(zone)).isoformat()
    except (KeyError, ValueError, OSError):
        return None


def _won(micro: int | None) -> str | None:
    """Won with six decimals, exactly.

    >>> _won(1_500_000), _won(-1)
    ('1.500000', '-0.000001')
    """
    if micro is None:
        return None
    whole, part = divmod(abs(micro), MICRO)
    return f"{'-' if micro < 0 else ''}{whole}.{part:06d}"


def moment_of(us: int) -> str | None:
    """UTC, as RFC 3339."""
    if not us:
        return None
    from datetime import datetime, timezone

    moment = datetime.fromtimestamp(us // MICRO, timezone.utc)  # noqa: UP017 Python 3.9
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
