"""What the agent asks the store about forecasts: functions over a cursor, for `Store.read`."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from data.demand_sql import FORECAST, LATEST, MONTH, forecast_of, pairs_question
from data.ops.demand import STATE, KeptFit, MonthForecast
from data.ops.records import Connection
from models.demand.accuracy import AHEADS, WINDOWS_DAYS, Accuracy, Pair, accuracies
from models.demand.shapes import Forecast
from models.tiers import DAY_SECONDS

ROWS_A_LOOK = 1_000
FIT = "SELECT key, kind, epoch(fitted_at)::BIGINT, document FROM fits WHERE kind = ?"
DAILY = f"""
SELECT {FORECAST} FROM forecasts WHERE target = $1 AND work = 'daily'
ORDER BY forecasts.made_at DESC LIMIT 1
"""  # noqa: S608


def latest_forecast(connection: Connection, target: str) -> Forecast | None:
    """The newest, without its state."""
    row = next(_rows(connection, LATEST, [target]), None)
    return None if row is None else forecast_of(row)


def latest_daily(connection: Connection, target: str) -> Forecast | None:
    """The last one that was fitted, with the state from which `refresh` goes on."""
    row = next(_rows(connection, DAILY, [target]), None)
    if row is None:
        return None
    state = fit_of(connection, target, STATE)
    # One that cannot be refreshed leaves the state of an earlier one behind.
    is_its_own = state is not None and state.fitted_at == row["made_at"]
    return forecast_of(row, json.loads(state.document) if state and is_its_own else None)


def first_made_at(connection: Connection, target: str) -> int | None:
    """When the oldest forecast that is kept was made."""
    return _moment(
        connection, "SELECT epoch(min(made_at))::BIGINT FROM forecasts WHERE target = ?", target
    )


def last_truth(connection: Connection, target: str) -> int | None:
    """When the last step began of which the truth is kept."""
    return _moment(
        connection, "SELECT epoch(max(begun_at))::BIGINT FROM truths WHERE target = ?", target
    )


def fit_of(connection: Connection, key: str, kind: str) -> KeptFit | None:
    row = connection.execute(f"{FIT} AND key = ?", [kind, key]).fetchone()
    return None if row is None else KeptFit(*row)


def fits(connection: Connection, kind: str) -> list[KeptFit]:
    """Of that kind, by their keys."""
    rows = connection.execute(f"{FIT} ORDER BY key", [kind]).fetchall()
    return [KeptFit(*row) for row in rows]


def month_forecast(connection: Connection, bucket_id: str, start_at: int) -> MonthForecast | None:
    """The newest of the period that begins then."""
    row = next(_rows(connection, MONTH, [bucket_id, start_at]), None)
    return None if row is None else MonthForecast(**row)


def judged(
    connection: Connection, target: str, now: int, floor: float | None = None, drifted: bool = False
) -> list[Accuracy]:
    """How good the stored forecasts of the last 28 days were, by the truths that are kept.

    `floor` is what of 1 - WAPE cannot be had, `drifted` whether errors are not what they were.
    """
    span = (now - max(WINDOWS_DAYS) * DAY_SECONDS, now)
    pairs = (pair for ahead in AHEADS for pair in _pairs(connection, target, span, ahead))
    return accuracies(target, pairs, now, floor, drifted)


def errors(connection: Connection, target: str, span: tuple[int, int], ahead: int) -> list[float]:
    """Forecast minus truth of the steps in [since, until), oldest first, `ahead` steps ahead."""
    return [pair.mean - pair.truth for pair in _pairs(connection, target, span, ahead)]


def _pairs(
    connection: Connection, target: str, span: tuple[int, int], ahead: int
) -> Iterator[Pair]:
    """Steps whose truth is known; a month of them is never held at once."""
    found = connection.execute(*pairs_question(target, span, ahead))
    while rows := found.fetchmany(ROWS_A_LOOK):
        for begun, mean, naive, *band, truth in rows:
            if truth is not None:
                yield Pair(ahead, begun, mean, tuple(band), naive, truth)


def _rows(connection: Connection, sql: str, params: Sequence[object]) -> Iterator[dict[str, Any]]:
    found = connection.execute(sql, params)
    names = [column[0] for column in found.description or ()]
    while rows := found.fetchmany(ROWS_A_LOOK):
        yield from (dict(zip(names, row, strict=True)) for row in rows)


def _moment(connection: Connection, sql: str, target: str) -> int | None:
    row = connection.execute(sql, [target]).fetchone()
    return row[0] if row else None
