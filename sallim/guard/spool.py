"""What is spent while the ledger cannot be written: a file of lines, replayed later.

Essential calls alone go on, and only for a small allowance that all processes of a user share; what
a call did cost whose end could not be written waits here as well. A line is on the disk before the
call is sent.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress

from sallim.guard.spooled import (
    BEGINNING,
    ENDING,
    at_worst,
    folders,
    left,
    released,
    replay,
    used_in,
)
from sallim.guard.telling import tell_once
from sallim.guard.wire import asked_to_wire, settlement_to_wire
from sallim.ledger.money_rows import Asked, Settlement
from sallim.ledger.processes import own_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sallim.ledger.accounts import Accounts

ALLOWANCE_MICRO = 200_000_000
"""200 won a user and ledger, until what was spent stands in the ledger: processes that begin anew
every minute, or eight at once, have no more of it than one."""
NO_END = "nobody said how it ended"


class Spool:
    """Of one process; after a fork the child begins its own."""

    def __init__(self, ledger_path: str, allowance_micro: int = ALLOWANCE_MICRO) -> None:
        self._ledger = os.path.abspath(ledger_path)  # noqa: PTH100 no pathlib here
        self._places = folders(ledger_path)
        self._allowance = allowance_micro
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._file, self._path = -1, ""
        self._is_torn = False
        """Whether the last line was not written to its end."""
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
            # Others that ask at this moment find this line, whoever looks first.
            if self._used + asked.worst_micro + self._used_by_others() > self._allowance:
                told = (0, "there was no allowance left for it", asked.opened_us)
                self._write(released(asked.call_id, asked.attempt, told))
                return False
            self._asked[asked.call_id, asked.attempt] = asked
            self._used += asked.worst_micro
            return True

    def _used_by_others(self) -> int:
        """What other processes of this user, also such as have ended, have spent without it."""
        return sum(used_in(path, self._ledger) for path in left(self._places) if path != self._path)

    def settled(self, call_id: str, attempt: int, settlement: Settlement) -> bool:
        """Keep what a call did cost; False where not even that can be written."""
        line = {"settlement": settlement_to_wire(settlement)}
        return self._end(call_id, attempt, line, settlement.gross_micro)

    def released(self, call_id: str, attempt: int, told: tuple[int, str, int]) -> bool:
        return self._end(call_id, attempt, released(call_id, attempt, told), 0)

    def _end(self, call_id: str, attempt: int, line: dict[str, Any], spent_micro: int) -> bool:
        if self._pid != os.getpid():
            self._begin()
        line.update(call_id=call_id, attempt=attempt)
        with self._lock:
            asked = self._asked.get((call_id, attempt))
            if asked is not None:
                self._used += spent_micro - asked.worst_micro
            self._ends[call_id, attempt] = line
            return self._write(line)

    def replay(self, accounts: Accounts, now_us: int) -> None:
        """Into the ledger; calls that are still on their way stay. Raises LedgerError.

        One whose time is over counts there at its worst case: nobody is expected to tell its end,
        and this process may run for months.
        """
        with self._lock:
            asked, ends = dict(self._asked), dict(self._ends)
            for key, row in asked.items():
                if key not in ends and row.expires_us <= now_us:
                    ends[key] = {"settlement": settlement_to_wire(at_worst(row, NO_END))}
                    ends[key].update(call_id=row.call_id, attempt=row.attempt)
        replay(accounts, asked, ends.values(), only_ended=True)
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
        self._file, self._path, self._is_torn = -1, "", False

    def _write(self, line: dict[str, Any]) -> bool:
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        if self._is_torn:
            # Else this one could not be read either.
            text = b"\n" + text
        if self._file < 0 and not self._make():
            return False
        try:
            self._is_torn = True
            written = os.write(self._file, text)
            self._is_torn = written < len(text)
            os.fdatasync(self._file) if hasattr(os, "fdatasync") else os.fsync(self._file)
        except OSError as error:
            tell_once("spool", f"{self._path} cannot be written either: {error.strerror}.")
            return False
        return not self._is_torn

    def _make(self) -> bool:
        name = f"{BEGINNING}{self._pid}-{os.urandom(6).hex()}{ENDING}"
        head = {
            "host": os.uname().nodename,
            "pid": self._pid,
            "process": own_process(),
            "ledger": self._ledger,
        }
        for place in self._places:
            with suppress(OSError):
                if place != self._places[0]:
                    os.makedirs(place, 0o700, exist_ok=True)  # noqa: PTH103
                if not _is_ours(place) and place != self._places[0]:
                    continue
                path = os.path.join(place, name)  # noqa: PTH118
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o660)
                if _is_written(file, json.dumps(head).encode() + b"\n"):
                    self._file, self._path = file, path
                    return True
                os.close(file)
                os.unlink(path)  # noqa: PTH108
        return False


def _is_written(file: int, text: bytes) -> bool:
    try:
        return os.write(file, text) == len(text)
    except OSError:
        return False


def _is_ours(place: str) -> bool:
    return os.stat(place).st_uid == os.geteuid()  # noqa: PTH116
