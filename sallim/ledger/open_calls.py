"""Calls that have not ended, brought up to date by what changed since the last look.

An index of them in the file would cost every call a tenth more time.
"""

from __future__ import annotations

import sqlite3

from sallim.ledger import calls
from sallim.ledger.money_rows import OPEN

CHANGED = """
SELECT seq, call_id, attempt, state, expires_us FROM calls WHERE seq > ? ORDER BY seq
"""
Key = tuple[str, int]


class OpenCalls:
    """Of one file; begins anew where another one, or an older copy of it, stands in its place."""

    def __init__(self) -> None:
        self._ledger_id = ""
        self._seq = 0
        self._calls: dict[Key, int] = {}

    def look(self, connection: sqlite3.Connection) -> None:
        [ledger_id] = connection.execute("SELECT ledger_id FROM sequence").fetchone()
        [last_seq] = connection.execute(calls.LAST_SEQ).fetchone()
        if ledger_id != self._ledger_id or last_seq < self._seq:
            self._ledger_id, self._seq, self._calls = ledger_id, 0, {}
        for seq, call_id, attempt, state, expires_us in connection.execute(CHANGED, [self._seq]):
            self._seq = seq
            if state == OPEN:
                # Whatever a stranger wrote there, it is over.
                self._calls[call_id, attempt] = expires_us if type(expires_us) is int else 0
            else:
                self._calls.pop((call_id, attempt), None)

    def overdue(self, now_us: int) -> list[Key]:
        """Those that nobody is expected to end any more."""
        return [key for key, expires_us in self._calls.items() if expires_us <= now_us]
