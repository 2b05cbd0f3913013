"""A bucket at a moment: its rule, its period, what is committed, and how fast it is used.

Functions over a connection, inside a transaction of the caller or outside of any.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from sallim.ledger.money_rows import ESSENTIAL, IMPORTANT, OPTIONAL, PPM, Asked

STANDING = """
SELECT g.bucket_id, g.cap_micro, g.important_ppm, g.optional_ppm, g.calendar,
       p.start_us, p.end_us, l.balance_id, coalesce(l.settled_micro, 0),
       coalesce(l.reserved_micro, 0), coalesce(l.unverified_micro, 0), g.version,
       (SELECT rules FROM money_sequence), g.blocks, g.pace_micro, g.burst_micro,
       coalesce(l.paced_micro, 0), coalesce(l.paced_us, 0), g.until_us, g.after_cap_micro,
       g.after_important_ppm, g.after_optional_ppm,
       (SELECT CAST(held_us AS INTEGER) FROM money_sequence)
FROM budgets AS g
LEFT JOIN periods AS p ON p.calendar = g.calendar AND p.end_us > ? AND p.start_us = (
    SELECT max(start_us) FROM periods WHERE calendar = g.calendar AND start_us <= ?)
LEFT JOIN balances AS l
    ON l.bucket_id = g.bucket_id AND l.calendar = g.calendar AND l.start_us = p.start_us
"""
HOUR_MS = 3_600_000
CLOCK_US = 600_000_000
"""Who is so much earlier than the last call has a clock that was put back, and no slow thread.
What was used by the wrong one is forgotten: nobody knows when it would have come back.
"""
ANY = 2**63 - 1
API = "api"
"""What is kept free for machines and fixed items is no call, and has no pace."""
ESSENTIAL_BURSTS = 2
"""Essential calls go on for as much again when others have used what is let through at once."""


PERIOD, COUNTED = slice(5, 8), 8
"""Where it may have none, and where its counts begin."""


class Standing(NamedTuple):
    """A bucket at a moment.

    `start_us` is None outside of its periods, `balance_id` until something counts in this one.
    """

    bucket_id: str
    cap_micro: int
    important_ppm: int
    optional_ppm: int
    calendar: str
    start_us: int | None
    end_us: int | None
    balance_id: int | None
    settled_micro: int
    reserved_micro: int
    unverified_micro: int
    version: int
    rules: int
    blocks: int
    pace_micro: int
    burst_micro: int
    paced_micro: int
    paced_us: int
    until_us: int
    after_cap_micro: int
    after_important_ppm: int
    after_optional_ppm: int
    held_us: int

    def at(self, at_us: int) -> Standing:
        """By the rule that holds then: a raise may be over."""
        if not self.until_us or at_us < self.until_us:
            return self
        return self._replace(
            cap_micro=self.after_cap_micro,
            important_ppm=self.after_important_ppm,
            optional_ppm=self.after_optional_ppm,
            until_us=0,
        )

    def holds_at(self, at_us: int) -> bool:
        """Whether period and rule are the same at that moment."""
        if self.until_us and at_us >= self.until_us:
            return False
        return (self.start_us or 0) <= at_us < (self.end_us or 0)

    @property
    def used_micro(self) -> int:
        """All that is committed."""
        return self.settled_micro + self.reserved_micro + self.unverified_micro

    def limit_micro(self, priority: str) -> int:
        """The part of the cap that calls of this priority may use."""
        if not self.blocks:
            return ANY
        if priority == IMPORTANT:
            return self.cap_micro * self.important_ppm // PPM
        if priority == OPTIONAL:
            return self.cap_micro * self.optional_ppm // PPM
        return self.cap_micro

    def is_held(self, asked: Asked) -> bool:
        """What is kept free for machines and fixed items goes on: it is owed in any case."""
        return self.held_us > 0 and asked.worst_micro > 0 and API in asked.buckets

    def is_paced(self, asked: Asked) -> bool:
        return self.pace_micro > 0 and self.blocks > 0 and API in asked.buckets

    def at_once_micro(self, priority: str) -> int:
        """What calls of this priority may use at once, before they have to keep the pace."""
        return self.burst_micro * (ESSENTIAL_BURSTS if priority == ESSENTIAL else 1)

    def paced_at(self, at_us: int) -> int:
        """What is used of that at a moment; as PACED says it."""
        if at_us < self.paced_us - CLOCK_US:
            return 0
        gone_ms = max(0, at_us - self.paced_us) // 1000
        return max(0, self.paced_micro - gone_ms * self.pace_micro // HOUR_MS)

    def room_micro(self, asked: Asked) -> int:
        """So much may be used of it for this call to be let through.

        One that is larger than all that there is waits until nothing is used.
        """
        return max(0, self.at_once_micro(asked.priority) - asked.worst_micro)


def standing(connection: sqlite3.Connection, buckets: Sequence[str], at_us: int) -> list[Standing]:
    """Those of the buckets that have a Budget, in the order of their ids."""
    marks = ", ".join("?" * len(buckets))
    sql = f"{STANDING} WHERE g.bucket_id IN ({marks}) ORDER BY g.bucket_id"
    found = connection.execute(sql, (at_us, at_us, *buckets))
    return [known(row).at(at_us) for row in found]


def known(row: Sequence[Any]) -> Standing:
    """Raises sqlite3.DataError for what a stranger wrote: nothing can be decided by it."""
    counts = {type(value) for value in (*row[1:4], *row[COUNTED:])}
    if counts != {int} or {type(value) for value in row[PERIOD]} - {int, type(None)}:
        raise sqlite3.DataError(
            "another program has written among its budgets what is no whole number; the agent, "
            "where it runs, puts that right within a minute"
        )
    return Standing(*row)
