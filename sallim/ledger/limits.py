"""The table `limit_events`: lines of the caps that were crossed, in the transaction that did it.

Functions over a connection, inside a transaction of the caller.
"""

# ruff: noqa: S608  The names of columns in SQL are those of LimitEvent.

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import NamedTuple

from sallim.ledger.money_rows import OVERRUN, PPM, THRESHOLD
from sallim.ledger.statement_rows import LimitEvent

ALL = ", ".join(LimitEvent._fields)
INSERT = f"""
INSERT INTO limit_events ({", ".join(LimitEvent._fields[1:])}, once)
VALUES ({"?, " * (len(LimitEvent._fields) - 1)}?)
ON CONFLICT DO NOTHING
"""

LEAST, MOST = -(2**63), 2**63 - 1
LATEST_US = 2**53
"""In the year 2255: what is later was written by a stranger, and is no moment to anybody."""
READABLE = " AND ".join(
    [
        *(f"typeof({name}) = 'text'" for name in ("kind", "bucket_id", "provider", "model")),
        *(f"{name} BETWEEN 0 AND {LATEST_US}" for name in ("start_us", "end_us", "at_us")),
        *(f"typeof({name}) = 'integer'" for name in LimitEvent._fields if name.endswith("_us")),
        "typeof(call_id) = 'text'",
        *(
            f"typeof({name}) = 'integer'"
            for name in ("version", "threshold_ppm", "cap_micro", "spent_micro", "attempt")
        ),
    ]
)


class Cause(NamedTuple):
    """The call that crossed a line, and when; empty where another cap did."""

    call_id: str
    attempt: int
    provider: str
    model: str
    at_us: int


class Band(NamedTuple):
    """Whatever is spent of a balance within [least, below) crosses no line, by these rules."""

    least_micro: int
    below_micro: int
    rules: int


class Line(NamedTuple):
    """What is needed of a bucket in a period to see whether it crosses a threshold."""

    balance_id: int
    bucket_id: str
    start_us: int
    end_us: int
    version: int
    cap_micro: int
    thresholds_ppm: str
    spent_micro: int


def lines(connection: sqlite3.Connection, balances: list[int]) -> list[Line]:
    """Of those balances whose bucket still has a Budget of that calendar.

    A cap that a stranger made no number has no lines.
    """
    marks = ", ".join("?" * len(balances))
    found = connection.execute(
        f"""
        SELECT l.balance_id, g.bucket_id, l.start_us, l.end_us, g.version, g.cap_micro,
               g.thresholds_ppm, l.settled_micro + l.unverified_micro
        FROM balances AS l
        JOIN budgets AS g ON g.bucket_id = l.bucket_id AND g.calendar = l.calendar
        WHERE l.balance_id IN ({marks}) AND typeof(g.cap_micro) = 'integer'
            AND typeof(l.settled_micro + l.unverified_micro) = 'integer'
        ORDER BY g.bucket_id
        """,
        balances,
    )
    return [Line(*row) for row in found]


def bands(connection: sqlite3.Connection, balances: list[int]) -> dict[int, Band]:
    """Where each of them stands between its lines; one without a Budget has no line to cross."""
    [rules] = connection.execute("SELECT rules FROM money_sequence").fetchone()
    found = dict.fromkeys(balances, Band(LEAST, MOST, rules))
    for line in lines(connection, balances):
        at = [max(1, -(-line.cap_micro * ppm // PPM)) for ppm in _thresholds(line.thresholds_ppm)]
        found[line.balance_id] = Band(
            max((each for each in at if each <= line.spent_micro), default=LEAST),
            min((each for each in at if each > line.spent_micro), default=MOST),
            rules,
        )
    return found


def cross(connection: sqlite3.Connection, before: Line, after: Line, cause: Cause) -> None:
    """Write down the thresholds that `after` has reached and `before` had not."""
    for threshold_ppm in _thresholds(after.thresholds_ppm):
        if not _reached(after, threshold_ppm):
            return
        if not _reached(before, threshold_ppm):
            _write(connection, THRESHOLD, after, threshold_ppm, cause)


def overrun(connection: sqlite3.Connection, line: Line, cause: Cause) -> None:
    """A call was settled above what was kept free for it."""
    _write(connection, OVERRUN, line, 0, cause)


def since(connection: sqlite3.Connection, seq: int, limit: int) -> list[LimitEvent]:
    """Whoever may write the file may write there anything: what is no event is passed over."""
    sql = f"SELECT {ALL} FROM limit_events WHERE seq > ? AND {READABLE} ORDER BY seq LIMIT ?"
    return [LimitEvent(*row) for row in connection.execute(sql, (seq, limit))]


def last_seq(connection: sqlite3.Connection) -> int:
    """Also of an event that is deleted: SQLite keeps it for AUTOINCREMENT."""
    sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'limit_events'"
    return int(connection.execute(sql).fetchone()[0])


@lru_cache(maxsize=100)
def _thresholds(text: str) -> tuple[int, ...]:
    """The lowest first."""
    parts = str(text).split(",")
    return tuple(sorted(int(part) for part in parts if part.isdecimal() and len(part) < 19))


def _reached(line: Line, threshold_ppm: int) -> bool:
    """Nothing spent reaches nothing, also where the cap is 0."""
    spent = line.spent_micro
    return spent > 0 and spent * PPM >= line.cap_micro * threshold_ppm


def _write(
    connection: sqlite3.Connection, kind: str, line: Line, threshold_ppm: int, cause: Cause
) -> None:
    row = (
        *(kind, line.bucket_id, line.start_us, line.end_us, line.version, threshold_ppm),
        *(line.cap_micro, line.spent_micro),
        *cause,
    )
    once = f"{cause.provider}\n{cause.model}" if kind == OVERRUN else ""
    connection.execute(INSERT, (*row, once))
