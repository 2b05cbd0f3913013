"""What is counted, held against the calls: whoever may write the file may write anything into it.

Functions over a connection, inside a transaction of the caller.
"""

# ruff: noqa: S608  The names of columns are those of the rows; all else is a parameter.

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from sallim.ledger.adopting import ADD, GROSS, WORST, Amounts, adopt, amounts, strike
from sallim.ledger.budgets import balance_ids, calendars
from sallim.ledger.money_rows import CAP_MAX
from sallim.ledger.standing import standing
from sallim.ledger.statement_rows import Miscount

NUMBERS = ("end_us", "settled_micro", "reserved_micro", "unverified_micro")
IS_WHOLE = " AND ".join(
    f"typeof(l.{name}) = 'integer' AND l.{name} BETWEEN -{CAP_MAX} AND {CAP_MAX}"
    for name in (*NUMBERS, "paced_micro", "paced_us")
)
# A bucket in which nothing counts yet has no balance.
PLACES = f"""
SELECT g.bucket_id, p.start_us, p.end_us, coalesce(l.settled_micro, 0),
       coalesce(l.reserved_micro, 0), coalesce(l.unverified_micro, 0),
       (l.balance_id IS NULL OR ({IS_WHOLE}))
           AND (SELECT typeof(rules) = 'integer' FROM money_sequence) AS is_whole
FROM budgets AS g
JOIN periods AS p ON p.calendar = g.calendar AND p.start_us <= ?1 AND p.end_us > ?1
LEFT JOIN balances AS l
    ON l.bucket_id = g.bucket_id AND l.calendar = g.calendar AND l.start_us = p.start_us
"""
# One statement, so that balances and calls are of one moment.
COUNTED = f"""
WITH places AS ({PLACES})
SELECT * FROM places
UNION ALL
SELECT buckets, s.start_us, s.end_us, state, sum({WORST}), sum({GROSS}), NULL
FROM (SELECT DISTINCT start_us, end_us FROM places) AS s
JOIN calls ON opened_us >= s.start_us AND opened_us < s.end_us AND typeof(opened_us) = 'integer'
GROUP BY s.start_us, s.end_us, buckets, state
"""
UNCHARGE = "UPDATE calls SET charged = '' WHERE opened_us >= ? AND opened_us < ?"
LOOK_ANEW = "UPDATE money_sequence SET rules = (CAST(rules AS INTEGER) & 0xffffffffffff) + 1"
Span = tuple[int, int]


class Count(NamedTuple):
    """A bucket in its present period: what it counts, and what its calls say."""

    bucket_id: str
    span: Span
    counted: Amounts
    calls: Amounts
    is_whole: bool
    """Else something stands there that is no number, and counts nothing."""

    @property
    def is_lower(self) -> bool:
        pairs = zip(self.counted, self.calls)  # noqa: B905 `strict` is of 3.10
        return not self.is_whole or any(one < other for one, other in pairs)


def are_whole(connection: sqlite3.Connection, now_us: int) -> bool:
    """Whether numbers stand where counts of the present periods do."""
    return all(row[-1] for row in connection.execute(PLACES, [now_us]))


def miscounts(connection: sqlite3.Connection, now_us: int) -> list[Miscount]:
    """Buckets of whose present period something else is counted than their calls say."""
    return [
        Miscount(each.bucket_id, sum(each.counted), sum(each.calls), each.is_lower)
        for each in _counts(connection, now_us)
        if each.counted != each.calls or not each.is_whole
    ]


def lower(connection: sqlite3.Connection, now_us: int) -> list[str]:
    """Those in which less is counted."""
    return [each.bucket_id for each in miscounts(connection, now_us) if each.is_lower]


def recount(connection: sqlite3.Connection, now_us: int) -> None:
    """Count the calls of the present periods anew; no bucket has less spent by it than before."""
    before = _counts(connection, now_us)
    strike(connection, [now_us])
    # The number of a balance that somebody took away may be that of the next one.
    connection.executemany(UNCHARGE, {each.span for each in before})
    connection.execute(LOOK_ANEW)
    for bucket_id in calendars(connection):
        adopt(connection, bucket_id)
    for each in before:
        missing_micro = sum(each.counted) - sum(each.calls)
        if missing_micro > 0:
            found = standing(connection, (each.bucket_id,), now_us)
            for balance_id in balance_ids(connection, found):
                connection.execute(ADD, (missing_micro, 0, 0, balance_id))


def _counts(connection: sqlite3.Connection, now_us: int) -> list[Count]:
    """In the order of their buckets."""
    places, calls = [], []
    for name, start_us, end_us, *found, is_whole in connection.execute(COUNTED, [now_us]):
        span = (start_us, end_us)
        if is_whole is None:
            calls.append((span, str(name).split("\n"), amounts(*found)))
        else:
            places.append(Count(str(name), span, _whole(found), (0, 0, 0), bool(is_whole)))
    return sorted(
        place._replace(
            calls=_sum(
                [
                    each
                    for span, names, each in calls
                    if span == place.span and place.bucket_id in names
                ]
            )
        )
        for place in places
    )


def _sum(found: Sequence[Amounts]) -> Amounts:
    settled, reserved, unverified = (sum(each[place] for each in found) for place in range(3))
    return settled, reserved, unverified


def _whole(figures: Sequence[object]) -> Amounts:
    first, second, third = (
        each if type(each) is int and abs(each) <= CAP_MAX else 0 for each in figures
    )
    return first, second, third
