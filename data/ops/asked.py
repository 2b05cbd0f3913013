"""What the agent itself asks the store about money: functions over a cursor."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import duckdb

from data.bills.cash import Told
from models.costs.prepaid import Figure

Connection = duckdb.DuckDBPyConnection

CASH = "SELECT source, id, epoch(seen_at), name FROM things WHERE kind = 'cash' ORDER BY 1, 2"
SPENT = """
SELECT coalesce(sum(usd) FILTER (opened_at >= $2), 0),
       coalesce(sum(won) FILTER (opened_at >= $2), 0), epoch(min(opened_at))
FROM calls JOIN call_labels ON id = labels_id
WHERE is_call AND provider = $1 AND opened_at >= $3
"""


class Spent(NamedTuple):
    """By calls of one provider: USD are net, won gross. `first_at` None: there was none."""

    usd: Decimal
    won: Decimal
    first_at: float | None


def cash_told(connection: Connection) -> list[Told]:
    """The last balance of each account, as its provider said it."""
    rows = connection.execute(CASH).fetchall()
    return [
        Told((provider, currency), Figure(at, Decimal(amount)))
        for provider, currency, at, amount in rows
    ]


def spent(connection: Connection, provider: str, moments: Sequence[float]) -> list[Spent]:
    """Since each of the moments; `first_at` is the first of its calls since the earliest."""
    least = min(moments)
    return [Spent(*_row(connection, [provider, _moment(at), _moment(least)])) for at in moments]


def _row(connection: Connection, params: Sequence[object]) -> tuple[Decimal, Decimal, float | None]:
    row = connection.execute(SPENT, params).fetchone()
    assert row is not None, "an aggregate without GROUP BY always returns one row"
    return row[0], row[1], row[2]


def _moment(epoch_seconds: float) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=epoch_seconds)
