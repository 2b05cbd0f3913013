"""What is counted, held against the calls: whoever may write the file may write anything into it.

Functions over a connection, inside a transaction of the caller.
"""

from __future__ import annotations

import sqlite3

from sallim.ledger.adopting import adopt, amounts, strike
from sallim.ledger.budgets import calendars
from sallim.ledger.statement_rows import Miscount

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

Sums = tuple[int, ...]
"""Settled, reserved, unverified."""


def miscounts(connection: sqlite3.Connection, now_us: int) -> list[Miscount]:
    """Buckets of whose present period something else is counted than their calls say."""
    counted: dict[tuple[int, int], list[tuple[list[str], Sums]]] = {}
    found = []
    for bucket_id, start_us, end_us, *balance in connection.execute(STANDING, [now_us]).fetchall():
        span = (start_us, end_us)
        if span not in counted:
            counted[span] = _counted(connection, span)
        known = [sums for buckets, sums in counted[span] if bucket_id in buckets]
        calls = [sum(each) for each in zip(*known)] or [0, 0, 0]  # noqa: B905 Python 3.9
        if [each or 0 for each in balance] != calls:
            is_lower = any(map(_is_below, balance, calls))
            both = (sum(map(_whole, balance)), sum(calls))
            found.append(Miscount(str(bucket_id), *both, is_lower))
    return sorted(found)


def lower(connection: sqlite3.Connection, now_us: int) -> list[str]:
    """Those in which less is counted."""
    return [each.bucket_id for each in miscounts(connection, now_us) if each.is_lower]


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
