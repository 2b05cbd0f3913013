"""The tables `budgets`, `periods` and `balances`: functions over a connection, inside a
transaction of the caller.
"""

# ruff: noqa: S608  The names of columns in SQL are those of the rows; all else is a parameter.

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sallim.ledger.money_rows import (
    CAP_MAX,
    IMPORTANT,
    OPTIONAL,
    PPM,
    Asked,
    Budget,
    Period,
)
from sallim.ledger.statement_rows import Balance

NAME_MAX = 200
STANDING = """
SELECT g.bucket_id, g.cap_micro, g.important_ppm, g.optional_ppm, g.calendar,
       p.start_us, p.end_us, l.balance_id, coalesce(l.settled_micro, 0),
       coalesce(l.reserved_micro, 0), coalesce(l.unverified_micro, 0), g.version,
       (SELECT rules FROM money_sequence)
FROM budgets AS g
LEFT JOIN periods AS p ON p.calendar = g.calendar AND p.end_us > ? AND p.start_us = (
    SELECT max(start_us) FROM periods WHERE calendar = g.calendar AND start_us <= ?)
LEFT JOIN balances AS l
    ON l.bucket_id = g.bucket_id AND l.calendar = g.calendar AND l.start_us = p.start_us
"""
KEEP_FREE = """
UPDATE balances SET reserved_micro = reserved_micro + ?
WHERE balance_id = ? AND settled_micro + reserved_micro + unverified_micro + ? <= ?
      AND (SELECT rules FROM money_sequence) = ?
"""
ANY = 2**63 - 1


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

    @property
    def used_micro(self) -> int:
        """All that is committed."""
        return self.settled_micro + self.reserved_micro + self.unverified_micro

    def limit_micro(self, priority: str) -> int:
        """The part of the cap that calls of this priority may use."""
        if priority == IMPORTANT:
            return self.cap_micro * self.important_ppm // PPM
        if priority == OPTIONAL:
            return self.cap_micro * self.optional_ppm // PPM
        return self.cap_micro


def standing(connection: sqlite3.Connection, buckets: Sequence[str], at_us: int) -> list[Standing]:
    """Those of the buckets that have a Budget, in the order of their ids."""
    marks = ", ".join("?" * len(buckets))
    sql = f"{STANDING} WHERE g.bucket_id IN ({marks}) ORDER BY g.bucket_id"
    return [Standing(*row) for row in connection.execute(sql, (at_us, at_us, *buckets))]


def current_balances(connection: sqlite3.Connection, now_us: int) -> list[Balance]:
    """Of every budget that has a period at that moment."""
    sql = f"{STANDING} WHERE p.start_us IS NOT NULL ORDER BY g.bucket_id"
    found = [Standing(*row) for row in connection.execute(sql, (now_us, now_us))]
    return [
        Balance(
            bucket.bucket_id,
            bucket.start_us or 0,
            bucket.end_us or 0,
            bucket.cap_micro,
            bucket.settled_micro,
            bucket.reserved_micro,
            bucket.unverified_micro,
            bucket.version,
        )
        for bucket in found
    ]


def balance_ids(connection: sqlite3.Connection, buckets: Iterable[Standing]) -> list[int]:
    """Where a call of these buckets counts; made where it is the first. Without a period: not."""
    return [
        _made(connection, bucket) if bucket.balance_id is None else bucket.balance_id
        for bucket in buckets
        if bucket.start_us is not None
    ]


class Stale(Exception):
    """What was read before the transaction does not hold any more. Read again within it."""


def keep_free(connection: sqlite3.Connection, buckets: Sequence[Standing], asked: Asked) -> None:
    """Reserve its worst case in all of them, if they have room for it.

    They may have been read before the transaction: what has changed since raises Stale, and the
    transaction must be undone.
    """
    worst_micro, priority = asked.worst_micro, asked.priority
    rows = [
        (
            *(worst_micro, bucket.balance_id, worst_micro),
            *(bucket.limit_micro(priority) if worst_micro else ANY, bucket.rules),
        )
        for bucket in buckets
    ]
    if connection.executemany(KEEP_FREE, rows).rowcount < len(rows):
        raise Stale


def _made(connection: sqlite3.Connection, bucket: Standing) -> int:
    made = connection.execute(
        "INSERT INTO balances (bucket_id, calendar, start_us, end_us) VALUES (?, ?, ?, ?)",
        (bucket.bucket_id, bucket.calendar, bucket.start_us, bucket.end_us),
    )
    return int(made.lastrowid or 0)


def replace_budgets(connection: sqlite3.Connection, budgets: Sequence[Budget]) -> None:
    connection.execute("UPDATE money_sequence SET rules = rules + 1")
    connection.execute("DELETE FROM budgets")
    for budget in budgets:
        connection.execute(
            f"INSERT INTO budgets ({', '.join(Budget._fields)}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            budget._replace(
                thresholds_ppm=",".join(map(str, budget.thresholds_ppm))  # type: ignore[arg-type]
            ),
        )


def replace_periods(connection: sqlite3.Connection, periods: Sequence[Period]) -> None:
    """Of each calendar that is named, all its periods."""
    for calendar in {period.calendar for period in periods}:
        connection.execute("DELETE FROM periods WHERE calendar = ?", [calendar])
    for period in periods:
        connection.execute(
            "INSERT INTO periods (calendar, start_us, end_us) VALUES (?, ?, ?)", period
        )


def calendars(connection: sqlite3.Connection) -> dict[str, str]:
    """The calendar of each budget."""
    return dict(connection.execute("SELECT bucket_id, calendar FROM budgets").fetchall())


def check_budgets(budgets: Sequence[Budget]) -> None:
    """Raises ValueError that names the bucket and the field."""
    seen = set()
    for budget in budgets:
        name = budget.bucket_id
        if not name or len(name) > NAME_MAX or not name.isprintable() or name in seen:
            raise ValueError(
                f"bucket_id {name[:NAME_MAX]!r}: it must be one line of 1 to {NAME_MAX} characters "
                "and stand there once"
            )
        seen.add(name)
        _whole(name, "cap_micro", budget.cap_micro, CAP_MAX)
        _whole(name, "important_ppm", budget.important_ppm, PPM)
        _whole(name, "optional_ppm", budget.optional_ppm, PPM)
        for threshold in budget.thresholds_ppm:
            _whole(name, "thresholds_ppm", threshold, 10 * PPM)


def check_periods(periods: Sequence[Period]) -> None:
    """Raises ValueError for a period that is empty or overlaps another of its calendar."""
    end_us: dict[str, int] = {}
    for period in sorted(periods):
        if not end_us.get(period.calendar, period.start_us) <= period.start_us < period.end_us:
            raise ValueError(
                f"{period}: a period must end after it starts, and must not overlap another one "
                "of its calendar"
            )
        end_us[period.calendar] = period.end_us


def _whole(bucket_id: str, name: str, value: object, limit: int) -> None:
    if type(value) is not int or not 0 <= value <= limit:
        raise ValueError(
            f"{name} of {bucket_id} is {value!r}: it must be a whole number from 0 to {limit:,}"
        )
