"""New budgets: what they count from the start, and the lines that they put below what is spent;
and the hold of a person, which is above all of them.

Functions over a connection, inside a transaction of the caller.
"""

# ruff: noqa: S608  The names of tables and columns in SQL are those of the rows.

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sallim.ledger import limits
from sallim.ledger.adopting import adopt
from sallim.ledger.budgets import calendars, replace_budgets, replace_periods
from sallim.ledger.limits import Cause
from sallim.ledger.money_rows import Budget, Exchange, Period
from sallim.ledger.quota_rows import Quota
from sallim.ledger.statement_rows import Row, Rules

LAST = "SELECT balance_id, max(start_us) FROM balances GROUP BY bucket_id, calendar"
CURRENT = "SELECT balance_id, start_us FROM balances WHERE start_us <= ?1 AND end_us > ?1"


def rules(connection: sqlite3.Connection) -> Rules:
    tables = (("budgets", Budget), ("periods", Period), ("quotas", Quota), ("exchange", Exchange))
    [ledger_id] = connection.execute("SELECT ledger_id FROM sequence").fetchone()
    return Rules(str(ledger_id), *(_all(connection, *table) for table in tables))


def _all(connection: sqlite3.Connection, table: str, row: type[tuple[object, ...]]) -> list[Row]:
    names = ", ".join(row._fields)  # type: ignore[attr-defined]
    return connection.execute(f"SELECT {names} FROM {table} ORDER BY {names}").fetchall()


def put_budgets(
    connection: sqlite3.Connection,
    budgets: Sequence[Budget],
    periods: Sequence[Period],
    now_us: int,
    *,
    is_sure: bool,
) -> None:
    """`is_sure`: of that moment. Then no line of a month that is over is crossed by what comes
    after it, such as the end of a raise.
    """
    sure_us = now_us if is_sure else None
    before = {line.balance_id: line for line in _current(connection, sure_us)}
    known = calendars(connection)
    replace_budgets(connection, budgets)
    replace_periods(connection, periods)
    for budget in budgets:
        if known.get(budget.bucket_id) != budget.calendar:
            adopt(connection, budget.bucket_id)
    for line in _current(connection, sure_us):
        nothing = line._replace(spent_micro=0)
        limits.cross(
            connection,
            before.get(line.balance_id, nothing),
            line,
            Cause("", 0, "", "", now_us),
        )


def hold(connection: sqlite3.Connection, since_us: int) -> None:
    """Another `rules` has every process look anew before its next call is let through."""
    connection.execute(
        "UPDATE money_sequence SET held_us = ?1, rules = rules + 1 WHERE held_us <> ?1", [since_us]
    )


def held_us(connection: sqlite3.Connection) -> int:
    """As those read it who refuse: what is no moment holds nobody."""
    sql = "SELECT max(0, CAST(held_us AS INTEGER)) FROM money_sequence"
    return int(connection.execute(sql).fetchone()[0])


def _current(connection: sqlite3.Connection, now_us: int | None) -> list[limits.Line]:
    """Of each bucket, in its period of that moment, without one in its last; without what a
    stranger wrote there.
    """
    rows = connection.execute(LAST) if now_us is None else connection.execute(CURRENT, [now_us])
    lines = limits.lines(connection, [balance_id for balance_id, _ in rows])
    return [line for line in lines if type(line.cap_micro) is type(line.spent_micro) is int]
