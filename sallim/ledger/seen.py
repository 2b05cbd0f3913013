"""What a process has read or written, so that the next transaction need not read it again.

What is remembered decides nothing: the statements of a transaction name it as their condition, and
where it does not hold any more, it is read again.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sallim.ledger.admission import Room
from sallim.ledger.budgets import Stale
from sallim.ledger.calls import Found
from sallim.ledger.limits import Band
from sallim.ledger.money_rows import OPEN, Asked

KINDS_MAX, OPEN_MAX, BANDS_MAX = 100, 1_000, 100


class Known(NamedTuple):
    """Read over that connection: in another file the same numbers are other balances."""

    connection: sqlite3.Connection
    room: Room
    left_micro: int

    def on(self, connection: sqlite3.Connection) -> Room:
        """Raises Stale where another file has been opened since."""
        if connection is not self.connection:
            raise Stale
        return self.room


class Seen:
    """By kind of call its buckets; its own open calls; by balance the lines it stands between."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Known] = {}
        self._connection: sqlite3.Connection | None = None
        self._open: dict[tuple[str, int], Found] = {}
        self._bands: dict[int, Band] = {}

    def of(self, asked: Asked) -> Known | None:
        """Where its period is the same, and there was room for it when its buckets were read."""
        known = self._known.get((asked.buckets, asked.priority))
        if known is None or known.left_micro < asked.worst_micro:
            return None
        for bucket in known.room.buckets:
            if not bucket.holds_at(asked.opened_us):
                return None
        for quota in known.room.quotas:
            if not quota.holds_at(asked.opened_us):
                return None
        return known

    def keep(self, connection: sqlite3.Connection, asked: Asked, room: Room) -> None:
        if len(self._known) >= KINDS_MAX:
            self._known.clear()
        priority = asked.priority
        left = [bucket.limit_micro(priority) - bucket.used_micro for bucket in room.buckets]
        known = Known(connection, room, min(left) - asked.worst_micro)
        self._known[asked.buckets, asked.priority] = known

    def drop(self, asked: Asked) -> None:
        """After it did not hold: the next one looks before it asks for the lock."""
        self._known.pop((asked.buckets, asked.priority), None)

    def opened(self, connection: sqlite3.Connection, asked: Asked, charged: str) -> None:
        """That call was reserved in this transaction."""
        self._forget_other(connection)
        if len(self._open) >= OPEN_MAX:
            # Nobody settles them here.
            del self._open[next(iter(self._open))]
        found = Found(OPEN, charged, asked.worst_micro, asked.provider, asked.model)
        self._open[asked.call_id, asked.attempt] = found

    def open_call(self, connection: sqlite3.Connection, call_id: str, attempt: int) -> Found | None:
        """As it was reserved here; told once, for one end."""
        self._forget_other(connection)
        return self._open.pop((call_id, attempt), None)

    def band(self, connection: sqlite3.Connection, balance_id: int) -> Band | None:
        self._forget_other(connection)
        return self._bands.get(balance_id)

    def keep_bands(self, connection: sqlite3.Connection, bands: dict[int, Band]) -> None:
        self._forget_other(connection)
        if len(self._bands) >= BANDS_MAX:
            self._bands.clear()
        self._bands.update(bands)

    def _forget_other(self, connection: sqlite3.Connection) -> None:
        """Another connection may be to another file."""
        if connection is not self._connection:
            self._connection, self._open, self._bands = connection, {}, {}
