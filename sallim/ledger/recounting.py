"""What decides about calls, held against what must stand there: whoever may write the file may
write anything into it.

Functions over a connection, inside a transaction of the caller.
"""

# ruff: noqa: S608  The names of tables and columns in SQL are those of the rows.

from __future__ import annotations

import sqlite3

from sallim.ledger.adopting import adopt, amounts, strike
from sallim.ledger.budgets import calendars
from sallim.ledger.money_rows import Budget, Exchange, Period
from sallim.ledger.quota_rows import Quota

DECIDING = {
    "budgets": Budget._fields,
    "periods": Period._fields,
    "quotas": Quota._fields,
    "exchange": Exchange._fields,
}
STANDING = """
SELECT g.bucket_id, p.start_us, p.end_us, l.settled_micro, l.reserved_micro, l.unverified_micro
FROM budgets AS g
JOIN periods AS p ON p.calendar = g.calendar AND p.start_us <= ?1 AND p.end_us > ?1
LEFT JOIN balances AS l
    ON l.bucket_id = g.bucket_id AND l.calendar = g.calendar AND l.start_us = p.start_us
"""
COUNTED = """
SELECT buckets, state, sum(worst_micro), sum(gross_micro) FROM calls
WHERE opened_us >= ? AND opened_us < ? GROUP BY buckets, state
"""
UNCHARGE = """
UPDATE calls SET charged = ''
WHERE EXISTS (
    SELECT 1 FROM budgets AS g
    JOIN periods AS p ON p.calendar = g.calendar AND p.start_us <= ?1 AND p.end_us > ?1
    WHERE calls.opened_us >= p.start_us AND calls.opened_us < p.end_us)
"""
ADD = "UPDATE balances SET settled_micro = settled_micro + ? WHERE bucket_id = ? AND start_us = ?"

Rules = tuple[tuple[object, ...], ...]
Sums = tuple[int, ...]
"""Settled, reserved, unverified."""


def rules(connection: sqlite3.Connection) -> Rules:
    """Every row that decides what is let through, in no particular form: to be compared."""
    found: list[tuple[object, ...]] = []
    for table, columns in DECIDING.items():
        names = ", ".join(columns)
        found += sorted(connection.execute(f"SELECT {names} FROM {table}").fetchall(), key=repr)
    return tuple(found)


def lower(connection: sqlite3.Connection, now_us: int) -> list[str]:
    """Buckets of whose present period less is counted than their calls say."""
    counted: dict[tuple[int, int], list[tuple[list[str], Sums]]] = {}
    found = []
    for bucket_id, start_us, end_us, *balance in connection.execute(STANDING, [now_us]).fetchall():
        span = (start_us, end_us)
        if span not in counted:
            counted[span] = _counted(connection, span)
        known = [sums for buckets, sums in counted[span] if bucket_id in buckets]
        calls = [sum(each) for each in zip(*known)] or [0, 0, 0]  # noqa: B905 Python 3.9
        if any(_is_below(one, other) for one, other in zip(balance, calls)):  # noqa: B905
            found.append(str(bucket_id))
    return found


def recount(connection: sqlite3.Connection, now_us: int) -> None:
    """Count the calls of the present periods anew; no bucket has less spent by it than before."""
    before = _spent(connection, now_us)
    strike(connection, [now_us])
    # The number of a balance that somebody took away may be that of the next one.
    connection.execute(UNCHARGE, [now_us])
    connection.execute("UPDATE money_sequence SET rules = rules + 1")
    for bucket_id in calendars(connection):
        adopt(connection, bucket_id)
    after = _spent(connection, now_us)
    for place, spent_micro in before.items():
        missing_micro = spent_micro - after.get(place, 0)
        if missing_micro > 0:
            connection.execute(ADD, (missing_micro, *place))


def _counted(connection: sqlite3.Connection, span: tuple[int, int]) -> list[tuple[list[str], Sums]]:
    found = connection.execute(COUNTED, span).fetchall()
    return [
        (str(buckets).split("\n"), amounts(state, _whole(worst), _whole(gross)))
        for buckets, state, worst, gross in found
    ]


def _spent(connection: sqlite3.Connection, now_us: int) -> dict[tuple[str, int], int]:
    return {
        (bucket_id, start_us): sum(map(_whole, balance))
        for bucket_id, start_us, _, *balance in connection.execute(STANDING, [now_us]).fetchall()
    }


def _is_below(balance: object, calls: int) -> bool:
    """A bucket in which nothing counts yet has no balance."""
    if balance is None:
        return calls > 0
    return type(balance) is not int or balance < calls


def _whole(value: object) -> int:
    return value if type(value) is int else 0
