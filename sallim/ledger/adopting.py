"""Counting calls in buckets in which they did not count yet: of a Budget that is new, and after a
rebuild. Functions over a connection, inside a transaction of the caller.
"""

# ruff: noqa: S608  The names of columns in SQL are those of the rows.

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable

from sallim.ledger import calls
from sallim.ledger.budgets import UNREADABLE, balance_ids
from sallim.ledger.money_rows import AMOUNT_MAX, OPEN, RELEASED, UNVERIFIED
from sallim.ledger.standing import standing

WORST, GROSS = (
    f"CASE WHEN typeof({name}) = 'integer' AND {name} BETWEEN -{AMOUNT_MAX} AND {AMOUNT_MAX} "
    f"THEN {name} ELSE 0 END"
    for name in ("worst_micro", "gross_micro")
)
"""In SQLite a column holds whatever is written to it; what is no number counts nothing."""
NAMING = f"""
SELECT call_id, attempt, charged, opened_us, state, {WORST}, {GROSS} FROM calls
WHERE typeof(opened_us) = 'integer'
    AND instr(char(10) || buckets || char(10), char(10) || ? || char(10))
"""
PERIODS = """
SELECT p.start_us, p.end_us FROM periods AS p JOIN budgets AS g ON g.calendar = p.calendar
WHERE g.bucket_id = ? ORDER BY p.start_us
"""
ADD = """
UPDATE balances SET settled_micro = settled_micro + ?, reserved_micro = reserved_micro + ?,
                    unverified_micro = unverified_micro + ?
WHERE balance_id = ?
"""
STRIKE = """
UPDATE calls SET charged = trim(replace(',' || charged || ',', ?1, ','), ',')
WHERE instr(',' || charged || ',', ?1)
"""
Amounts = tuple[int, int, int]
"""Settled, reserved and unverified."""


class Places:
    """The balances of one bucket, by the moment at which a call was opened."""

    def __init__(self, connection: sqlite3.Connection, bucket_id: str) -> None:
        self._connection = connection
        self._bucket_id = bucket_id
        self._periods = connection.execute(PERIODS, [bucket_id]).fetchall()
        self._starts = [start_us for start_us, _ in self._periods]
        self._known: dict[int, int] = {}

    def balance_id(self, opened_us: int) -> int | None:
        """Made where there is none; None outside of all periods."""
        index = bisect_right(self._starts, opened_us) - 1
        if index < 0 or opened_us >= self._periods[index][1]:
            return None
        if index not in self._known:
            found = standing(self._connection, (self._bucket_id,), opened_us)
            [self._known[index]] = balance_ids(self._connection, found)
        return self._known[index]


def adopt(connection: sqlite3.Connection, bucket_id: str) -> None:
    """Count the calls that name this bucket in the periods in which they were opened.

    Those that count in it already do not once more. No line is written down as crossed.
    """
    places = Places(connection, bucket_id)
    sums: dict[int, list[int]] = {}
    found = connection.execute(NAMING, [bucket_id]).fetchall()
    for call_id, attempt, text, opened_us, state, worst_micro, gross_micro in found:
        balance_id = places.balance_id(opened_us)
        charged = calls.ids_of(text)
        if balance_id is None or balance_id in charged:
            continue
        total = sums.setdefault(balance_id, [0, 0, 0])
        for place, amount in enumerate(amounts(state, worst_micro, gross_micro)):
            total[place] += amount
        connection.execute(
            "UPDATE calls SET charged = ? WHERE call_id = ? AND attempt = ?",
            (calls.ids_text([*charged, balance_id]), call_id, attempt),
        )
    for balance_id, total in sums.items():
        connection.execute(ADD, (*total, balance_id))


def strike(connection: sqlite3.Connection, opened: Iterable[int]) -> None:
    """Take away the balances of the periods of these moments, for all to be adopted anew."""
    moments = sorted(set(opened))
    connection.execute(f"DELETE FROM balances WHERE {UNREADABLE}")
    for balance_id, start_us, end_us in connection.execute(
        "SELECT balance_id, start_us, end_us FROM balances"
    ).fetchall():
        if bisect_right(moments, end_us - 1) > bisect_right(moments, start_us - 1):
            connection.execute("DELETE FROM balances WHERE balance_id = ?", [balance_id])
            connection.execute(STRIKE, [f",{balance_id},"])


def amounts(state: str, worst_micro: int, gross_micro: int) -> Amounts:
    """What a call adds to the settled, reserved and unverified of a balance."""
    if state == OPEN:
        return 0, worst_micro, 0
    if state == UNVERIFIED:
        return 0, 0, worst_micro
    return (0, 0, 0) if state == RELEASED else (gross_micro, 0, 0)
