"""The tables `budgets`, `periods` and `balances`: functions over a connection, inside a
transaction of the caller.
"""

# ruff: noqa: S608  The names of columns in SQL are those of the rows; all else is a parameter.

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from sallim.ledger.money_rows import CAP_MAX, PPM, Asked, Budget, Period
from sallim.ledger.standing import ANY, CLOCK_US, HOUR_MS, STANDING, Standing, known
from sallim.ledger.statement_rows import Balance

NAME_MAX = 200
PACED = f"""
CASE WHEN ?6 < paced_us - {CLOCK_US} THEN 0
     ELSE max(0, paced_micro - CAST(max(0, ?6 - paced_us) / 1000 * ?7 / {HOUR_MS} AS INTEGER)) END
"""
KEEP_FREE = f"""
UPDATE balances
SET reserved_micro = reserved_micro + ?1, paced_micro = {PACED} + ?8,
    paced_us = CASE WHEN ?6 < paced_us - {CLOCK_US} THEN ?6 ELSE max(paced_us, ?6) END
WHERE balance_id = ?2 AND settled_micro + reserved_micro + unverified_micro + ?3 <= ?4
      AND (SELECT rules FROM money_sequence) = ?5 AND {PACED} <= ?9
"""


def current_balances(connection: sqlite3.Connection, now_us: int) -> list[Balance]:
    """Of every budget that has a period at that moment."""
    sql = f"{STANDING} WHERE p.start_us IS NOT NULL ORDER BY g.bucket_id"
    found = [known(row).at(now_us) for row in connection.execute(sql, (now_us, now_us))]
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
    worst_micro, priority, at_us = asked.worst_micro, asked.priority, asked.opened_us
    rows = []
    for bucket in buckets:
        limit_micro = bucket.limit_micro(priority) if worst_micro else ANY
        paced = (0, 0, ANY)
        if worst_micro and bucket.is_paced(asked):
            paced = (bucket.pace_micro, worst_micro, bucket.room_micro(asked))
        rows.append(
            (worst_micro, bucket.balance_id, worst_micro, limit_micro, bucket.rules, at_us, *paced)
        )
    if connection.executemany(KEEP_FREE, rows).rowcount < len(rows):
        raise Stale


def _made(connection: sqlite3.Connection, bucket: Standing) -> int:
    made = connection.execute(
        "INSERT INTO balances (bucket_id, calendar, start_us, end_us) VALUES (?, ?, ?, ?)",
        (bucket.bucket_id, bucket.calendar, bucket.start_us, bucket.end_us),
    )
    return int(made.lastrowid or 0)


UNREADABLE = "typeof(start_us) <> 'integer' OR typeof(end_us) <> 'integer'"
"""Of balances: nobody finds them any more, so what counted there is counted anew."""
MARKS = ", ".join("?" * len(Budget._fields))


def replace_budgets(connection: sqlite3.Connection, budgets: Sequence[Budget]) -> None:
    connection.execute("UPDATE money_sequence SET rules = rules + 1")
    connection.execute(f"DELETE FROM balances WHERE {UNREADABLE}")
    connection.execute("DELETE FROM budgets")
    for budget in budgets:
        connection.execute(
            f"INSERT INTO budgets ({', '.join(Budget._fields)}) VALUES ({MARKS})",
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
        for field in ("pace_micro", "burst_micro", "after_cap_micro"):
            _whole(name, field, getattr(budget, field), CAP_MAX)
        for field in ("after_important_ppm", "after_optional_ppm"):
            _whole(name, field, getattr(budget, field), PPM)
        _whole(name, "until_us", budget.until_us, ANY)
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
