"""What is spent while the ledger cannot be written: a file of lines, replayed later.

Essential calls alone go on, and only for a small allowance a process; what a call did cost whose
end could not be written waits here as well. A line is on the disk before the call is sent.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress

from sallim.guard.telling import tell_once
from sallim.guard.wire import (
    asked_of_wire,
    asked_to_wire,
    settlement_of_wire,
    settlement_to_wire,
)
from sallim.ledger.errors import LedgerError
from sallim.ledger.money_rows import ESTIMATED, Asked, Settlement, Tokens
from sallim.ledger.processes import is_gone, own_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sallim.ledger.accounts import Accounts

ALLOWANCE_MICRO = 200_000_000
"""200 won a process, until what was spent stands in the ledger."""
ENDING = ".spool"
LINE_BYTES_MAX = 100_000


def folders(ledger_path: str) -> list[str]:
    """Where it may stand: beside the ledger, else where this user may write."""
    import tempfile

    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111
    own = os.path.join(tempfile.gettempdir(), f"sallim-{os.geteuid()}")  # noqa: PTH118
    beside = os.path.dirname(ledger_path)  # noqa: PTH120
    return [beside, os.path.join(state, "sallim"), own]  # noqa: PTH118


class Spool:
    """Of one process; after a fork the child begins its own."""

    def __init__(self, ledger_path: str, allowance_micro: int = ALLOWANCE_MICRO) -> None:
        self._places = folders(ledger_path)
        self._allowance = allowance_micro
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._file, self._path = -1, ""
        self._asked: dict[tuple[str, int], Asked] = {}
        self._ends: dict[tuple[str, int], dict[str, Any]] = {}
        self._used = 0

    @property
    def waits(self) -> bool:
        """Whether something is to be replayed."""
        return bool(self._asked or self._ends) and self._pid == os.getpid()

    def holds(self, call_id: str, attempt: int) -> bool:
        return (call_id, attempt) in self._asked

    def admit(self, asked: Asked) -> bool:
        """Whether it may be sent; its line is written then."""
        if self._pid != os.getpid():
            self._begin()
        with self._lock:
            if self._used + asked.worst_micro > self._allowance:
                return False
            if not self._write({"asked": asked_to_wire(asked)}):
                return False
            self._asked[asked.call_id, asked.attempt] = asked
            self._used += asked.worst_micro
            return True

    def settled(self, call_id: str, attempt: int, settlement: Settlement) -> bool:
        """Keep what a call did cost; False where not even that can be written."""
        line = {"settlement": settlement_to_wire(settlement)}
        asked = self._asked.get((call_id, attempt))
        if asked is not None:
            self._used += settlement.gross_micro - asked.worst_micro
        return self._end(call_id, attempt, line)

    def released(self, call_id: str, attempt: int, told: tuple[int, str, int]) -> bool:
        asked = self._asked.get((call_id, attempt))
        if asked is not None:
            self._used -= asked.worst_micro
        return self._end(call_id, attempt, {"released": list(told)})

    def _end(self, call_id: str, attempt: int, line: dict[str, Any]) -> bool:
        if self._pid != os.getpid():
            self._begin()
        line.update(call_id=call_id, attempt=attempt)
        with self._lock:
            self._ends[call_id, attempt] = line
            return self._write(line)

    def replay(self, accounts: Accounts) -> None:
        """Into the ledger; calls that are still on their way stay. Raises LedgerError."""
        with self._lock:
            asked, ends = dict(self._asked), dict(self._ends)
        _replay(accounts, asked, ends.values(), only_ended=True)
        with self._lock:
            for key in ends:
                self._ends.pop(key, None)
                self._asked.pop(key, None)
            self._used = sum(each.worst_micro for each in self._asked.values())
            if not self._asked and not self._ends:
                self._drop()

    def _drop(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            with suppress(OSError):
                os.unlink(self._path)  # noqa: PTH108
        self._file, self._path = -1, ""

    def _write(self, line: dict[str, Any]) -> bool:
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        if self._file < 0 and not self._make():
            return False
        try:
            written = os.write(self._file, text)
            os.fdatasync(self._file) if hasattr(os, "fdatasync") else os.fsync(self._file)
        except OSError as error:
            tell_once("spool", f"{self._path} cannot be written either: {error.strerror}.")
            return False
        return written == len(text)

    def _make(self) -> bool:
        name = f"guard-{self._pid}-{os.urandom(6).hex()}{ENDING}"
        head = {"host": os.uname().nodename, "pid": self._pid, "process": own_process()}
        for place in self._places:
            with suppress(OSError):
                if place != self._places[0]:
                    os.makedirs(place, 0o700, exist_ok=True)  # noqa: PTH103
                if not _is_ours(place) and place != self._places[0]:
                    continue
                path = os.path.join(place, name)  # noqa: PTH118
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o660)
                try:
                    os.write(file, json.dumps(head).encode() + b"\n")
                except OSError:
                    os.close(file)
                    os.unlink(path)  # noqa: PTH108
                    continue
                self._file, self._path = file, path
                return True
        return False


def _is_ours(place: str) -> bool:
    return os.stat(place).st_uid == os.geteuid()  # noqa: PTH116


def replay_left(accounts: Accounts, ledger_path: str) -> int:
    """What processes left that have ended; how many calls. Raises LedgerError.

    Twice is harmless: a call is known by its id and attempt.
    """
    count = 0
    for path in _left(ledger_path):
        head, asked, ends = _read(path)
        if head is None or not is_gone(
            head.get("pid", 0), head.get("process", ""), head.get("host") == os.uname().nodename
        ):
            continue
        count += _replay(accounts, asked, ends, only_ended=False)
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108
    return count


def _left(ledger_path: str) -> Iterator[str]:
    for place in folders(ledger_path):
        with suppress(OSError):
            for name in sorted(os.listdir(place)):  # noqa: PTH208
                path = os.path.join(place, name)  # noqa: PTH118
                # What others wrote may say anything; it is their process's to replay.
                ours = name.startswith("guard-") and name.endswith(ENDING)
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


def _replay(
    accounts: Accounts,
    asked: dict[tuple[str, int], Asked],
    ends: Iterable[dict[str, Any]],
    only_ended: bool,
) -> int:
    left = dict(asked)
    count = 0
    for end in ends:
        key = (end["call_id"], end["attempt"])
        row = left.pop(key, None)
        if "settlement" in end:
            settlement = settlement_of_wire(end["settlement"])
            if row is not None:
                accounts.book(row, settlement)
            else:
                accounts.settle(*key, settlement)
        elif row is None:
            status, error, at_us = end["released"]
            accounts.release(*key, status, error, at_us)
        count += 1
    for row in () if only_ended else left.values():
        accounts.book(row, _at_worst(row))
        count += 1
    return count


def _at_worst(asked: Asked) -> Settlement:
    return Settlement(
        *(asked.worst_nano_usd, asked.worst_micro, ESTIMATED, 0, 0, "", Tokens(), "", 0),
        *("its process ended before the call did", asked.opened_us),
    )


def quietly_replay_left(accounts: Accounts, ledger_path: str) -> None:
    with suppress(LedgerError, ValueError, TypeError, KeyError):
        replay_left(accounts, ledger_path)
