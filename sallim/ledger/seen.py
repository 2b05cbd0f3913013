"""The buckets of the last calls, so that the next one of the same kind need not read them.

What is remembered decides nothing: the transaction that reserves holds only if the budgets are
the same and the balances have room.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sallim.ledger.budgets import Stale, Standing
from sallim.ledger.money_rows import Asked

KINDS_MAX = 100


class Known(NamedTuple):
    """Read over that connection: in another file the same numbers are other balances."""

    connection: sqlite3.Connection
    buckets: list[Standing]
    left_micro: int

    def on(self, connection: sqlite3.Connection) -> list[Standing]:
        """Raises Stale where another file has been opened since."""
        if connection is not self.connection:
            raise Stale
        return self.buckets


class Seen:
    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Known] = {}

    def of(self, asked: Asked) -> Known | None:
        """Where its period is the same, and there was room for it when its buckets were read."""
        known = self._known.get((asked.buckets, asked.priority))
        if known is None or known.left_micro < asked.worst_micro:
            return None
        for bucket in known.buckets:
            if not (bucket.start_us or 0) <= asked.opened_us < (bucket.end_us or 0):
                return None
        return known

    def keep(self, connection: sqlite3.Connection, asked: Asked, buckets: list[Standing]) -> None:
        if len(self._known) >= KINDS_MAX:
            self._known.clear()
        left = [bucket.limit_micro(asked.priority) - bucket.used_micro for bucket in buckets]
        known = Known(connection, buckets, min(left) - asked.worst_micro)
        self._known[asked.buckets, asked.priority] = known

    def drop(self, asked: Asked) -> None:
        """After it did not hold: the next one looks before it asks for the lock."""
        self._known.pop((asked.buckets, asked.priority), None)
