"""Whether a balance is what its calls add up to: somebody else may have written into the file.

Functions over a connection; `mend` inside a transaction of the caller.
"""

from __future__ import annotations

import sqlite3

from sallim.ledger.adopting import amounts
from sallim.ledger.statement_rows import Miscount

# One statement, so that balances and calls are of one moment.
COUNTED = """
WITH current AS (
    SELECT l.balance_id, l.bucket_id, l.start_us, l.settled_micro, l.reserved_micro,
           l.unverified_micro
    FROM balances AS l JOIN budgets AS g
        ON g.bucket_id = l.bucket_id AND g.calendar = l.calendar
    WHERE l.start_us <= ?1 AND l.end_us > ?1)
SELECT balance_id, bucket_id, start_us, settled_micro, reserved_micro, unverified_micro
FROM current
UNION ALL
SELECT NULL, charged, state, sum(worst_micro), sum(gross_micro), 0
FROM calls WHERE opened_us >= (SELECT min(start_us) FROM current) GROUP BY charged, state
"""
MEND = """
UPDATE balances SET settled_micro = ?, reserved_micro = ?, unverified_micro = ?
WHERE balance_id = ?
"""
NOTHING = (0, 0, 0)
Amounts = tuple[int, int, int]
"""Settled, reserved and unverified."""


def miscounts(connection: sqlite3.Connection, now_us: int) -> list[Miscount]:
    """Of the periods that run at that moment, in the order of their buckets."""
    return [found for found, _ in _found(connection, now_us)]


def mend(connection: sqlite3.Connection, now_us: int) -> list[Miscount]:
    """Those, after the ones that are below their calls were set to them.

    One above them stays: its calls were taken out, and what they cost is spent.
    """
    found = _found(connection, now_us)
    for miscount, true in found:
        if miscount.balance_micro < miscount.calls_micro:
            connection.execute(MEND, (*true, miscount.balance_id))
    return [miscount for miscount, _ in found]


def _found(connection: sqlite3.Connection, now_us: int) -> list[tuple[Miscount, Amounts]]:
    balances: dict[int, tuple[str, int, Amounts]] = {}
    sums: dict[int, Amounts] = {}
    for balance_id, name, second, *figures in connection.execute(COUNTED, [now_us]).fetchall():
        if balance_id is not None:
            balances[balance_id] = (name, second, _whole(figures))
            continue
        worst_micro, gross_micro, _ = _whole(figures)
        more = amounts(second, worst_micro, gross_micro)
        for each in _ids(name):
            settled, reserved, unverified = sums.get(each, NOTHING)
            sums[each] = (settled + more[0], reserved + more[1], unverified + more[2])
    found = []
    for balance_id, (bucket_id, start_us, counted) in balances.items():
        true = sums.get(balance_id, NOTHING)
        if counted != true:
            miscount = Miscount(balance_id, bucket_id, start_us, sum(counted), sum(true))
            found.append((miscount, true))
    return sorted(found)


def _ids(charged: object) -> list[int]:
    return [int(each) for each in str(charged).split(",") if each.isdecimal()]


def _whole(figures: list[object]) -> Amounts:
    """In SQLite a column holds whatever is written to it; what is no number counts nothing."""
    first, second, third = (each if type(each) is int else 0 for each in figures)
    return first, second, third
