"""What the agent itself asks the store about money: functions over a cursor."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from data.bills.cash import Told
from data.cost_sql import BUCKET_DAYS, Span, local_day
from data.ops.demand_read import month_forecast
from models.costs.burn_shapes import DaySpent
from models.costs.left import Hourly, hourly_of
from models.costs.month_document import Kept, kept_from
from models.costs.prepaid import Figure
from models.costs.told import HOURLY, HOUSE, MONEY

Connection = duckdb.DuckDBPyConnection

CASH = "SELECT source, id, epoch(seen_at), name FROM things WHERE kind = 'cash' ORDER BY 1, 2"
HOURS = "SELECT detail FROM things WHERE kind = ? AND source = ? AND id = ?"
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


def bucket_days(
    connection: Connection, bucket_id: str, span: Span, zone: ZoneInfo
) -> dict[int, DaySpent]:
    """What each local day of a span cost in a bucket."""
    sql = BUCKET_DAYS.format(day=local_day(span, zone))
    rows = connection.execute(sql, [*span, bucket_id]).fetchall()
    return {day: DaySpent(won, unverified, varying) for day, won, unverified, varying in rows}


def running(connection: Connection) -> list[Hourly]:
    """What an hour of each rented machine costs, and since when it runs."""
    row = connection.execute(HOURS, [MONEY, HOUSE, HOURLY]).fetchone()
    return [hourly_of(shape) for shape in json.loads(row[0])] if row else []


def month_kept(connection: Connection, bucket_id: str, start_at: int) -> Kept | None:
    """What was fitted last of a period; None where that cannot be read."""
    found = month_forecast(connection, bucket_id, start_at)
    if found is None:
        return None
    try:
        return kept_from(json.loads(found.document))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _row(connection: Connection, params: Sequence[object]) -> tuple[Decimal, Decimal, float | None]:
    row = connection.execute(SPENT, params).fetchone()
    assert row is not None, "an aggregate without GROUP BY always returns one row"
    return row[0], row[1], row[2]


def _moment(epoch_seconds: float) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=epoch_seconds)
