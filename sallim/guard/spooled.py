"""Spools as they stand on the disk: what processes have written down while they had no ledger.

What others wrote may say anything, so only files of this user are read; the last line may be cut.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from sallim.guard.wire import asked_of_wire, settlement_of_wire
from sallim.ledger.errors import LedgerError
from sallim.ledger.money_rows import ESTIMATED, Asked, Settlement, Tokens
from sallim.ledger.processes import is_gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sallim.ledger.accounts import Accounts

BEGINNING, ENDING = "guard-", ".spool"
LINE_BYTES_MAX = 100_000


def folders(ledger_path: str) -> list[str]:
    """Where it may stand: beside the ledger, else where this user may write."""
    import tempfile

    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111
    own = os.path.join(tempfile.gettempdir(), f"sallim-{os.geteuid()}")  # noqa: PTH118
    beside = os.path.dirname(ledger_path)  # noqa: PTH120
    return [beside, os.path.join(state, "sallim"), own]  # noqa: PTH118


def replay_left(accounts: Accounts, ledger_path: str) -> int:
    """What processes left that have ended; how many calls. Raises LedgerError.

    Twice is harmless: a call is known by its id and attempt.
    """
    count = 0
    ledger = os.path.abspath(ledger_path)  # noqa: PTH100 no pathlib here
    for path in left(folders(ledger_path)):
        head, asked, ends = _read(path)
        if (
            head is None
            or not is_of(head, ledger)
            or not is_gone(
                head.get("pid", 0), head.get("process", ""), head.get("host") == os.uname().nodename
            )
        ):
            continue
        count += replay(accounts, asked, ends, only_ended=False)
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108
    return count


def is_of(head: dict[str, Any], ledger: str) -> bool:
    """A user may have several ledgers, and one folder of spools for them."""
    return bool(head.get("ledger", ledger) == ledger)


def used_in(path: str, ledger: str) -> int:
    """Micro-won that are spent there, or may be."""
    head, asked, ends = _read(path)
    if head is None or not is_of(head, ledger):
        return 0
    used = {key: row.worst_micro for key, row in asked.items()}
    for end in ends:
        key = (end.get("call_id"), end.get("attempt"))
        with suppress(ValueError, TypeError):
            if key in used:
                settlement = settled_in(end)
                used[key] = 0 if settlement is None else settlement.gross_micro
    return sum(used.values())


def settled_in(end: dict[str, Any]) -> Settlement | None:
    return settlement_of_wire(end["settlement"]) if "settlement" in end else None


def released(call_id: str, attempt: int, told: tuple[int, str, int]) -> dict[str, Any]:
    return {"released": list(told), "call_id": call_id, "attempt": attempt}


def left(places: Iterable[str]) -> Iterator[str]:
    for place in places:
        with suppress(OSError):
            for name in sorted(os.listdir(place)):  # noqa: PTH208
                path = os.path.join(place, name)  # noqa: PTH118
                # What others wrote may say anything; it is their process's to replay.
                ours = name.startswith(BEGINNING) and name.endswith(ENDING)
                if ours and os.lstat(path).st_uid == os.geteuid():
                    yield path


def _read(path: str) -> tuple[dict[str, Any] | None, dict[tuple[str, int], Asked], list[Any]]:
    """The last line may be cut."""
    head: dict[str, Any] | None = None
    asked: dict[tuple[str, int], Asked] = {}
    ends = []
    with suppress(OSError), open(path, "rb") as file:  # noqa: PTH123
        for line in file:
            try:
                shape = json.loads(line) if len(line) < LINE_BYTES_MAX else None
                if not isinstance(shape, dict):
                    continue
                if head is None:
                    head = shape
                elif "asked" in shape:
                    row = asked_of_wire(shape["asked"])
                    asked[row.call_id, row.attempt] = row
                else:
                    ends.append(shape)
            except (ValueError, TypeError):
                continue
    return head, asked, ends


def replay(
    accounts: Accounts,
    asked: dict[tuple[str, int], Asked],
    ends: Iterable[dict[str, Any]],
    only_ended: bool,
) -> int:
    waiting = dict(asked)
    count = 0
    for end in ends:
        key = (end["call_id"], end["attempt"])
        row = waiting.pop(key, None)
        settlement = settled_in(end)
        if settlement is not None:
            if row is not None:
                accounts.book(row, settlement)
            else:
                accounts.settle(*key, settlement)
        elif row is None:
            status, error, at_us = end["released"]
            accounts.release(*key, status, error, at_us)
        count += 1
    for row in () if only_ended else waiting.values():
        accounts.book(row, at_worst(row, "its process ended before the call did"))
        count += 1
    return count


def at_worst(asked: Asked, error: str) -> Settlement:
    return Settlement(
        *(asked.worst_nano_usd, asked.worst_micro, ESTIMATED, 0, 0, "", Tokens(), "", 0),
        *(error, asked.opened_us),
    )


def quietly_replay_left(accounts: Accounts, ledger_path: str) -> bool:
    """False where the ledger cannot be written now: then it is worth another try."""
    try:
        with suppress(ValueError, TypeError, KeyError):
            replay_left(accounts, ledger_path)
    except LedgerError:
        return False
    return True
