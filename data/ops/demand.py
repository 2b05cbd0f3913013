"""Forecasts with what came true of them, accuracies, fits, months and plans, in the store.

Rows are replaced by what makes them one, so storing a batch twice changes nothing. The state from
which a forecast goes on is large and only the newest counts: it stands among the fits, one a
target.
"""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from data.ops.demand_tables import (
    ACCURACIES,
    FITS,
    FORECASTS,
    MONTH_FORECASTS,
    PLANS,
    TRUTHS,
)
from data.ops.records import Cell, Connection, Table, replace
from models.demand.accuracy import Accuracy, Truth
from models.demand.shapes import Forecast
from models.scaling.shapes import Plan

Made = Literal["daily", "refresh"]
"""How a forecast was made: fitted anew, or from the state of the last daily one."""
STATE = "state"
"""Kind of the fit that holds the state of the newest daily forecast of a target."""
DIGITS = 6
ROWS_AT_ONCE = 50
"""A statement holds the text of its rows several times, in 48 MB for everything (a transaction may
have many of them): of forecasts and documents so many, of what is short forty times as many.
"""


class KeptFit(NamedTuple):
    """In the order of the columns of `fits`; (key, kind) make it one. `document` is JSON."""

    key: str
    kind: str
    fitted_at: int
    document: str


class MonthForecast(NamedTuple):
    """In the order of the columns of `month_forecasts`; `document` is JSON."""

    bucket_id: str
    start_at: int
    end_at: int
    made_at: int
    document: str


class DemandBatch(NamedTuple):
    """What is kept together, all or nothing."""

    forecasts: Sequence[tuple[Made, Forecast]] = ()
    truths: Sequence[Truth] = ()
    accuracies: Sequence[Accuracy] = ()
    fits: Sequence[KeptFit] = ()
    months: Sequence[MonthForecast] = ()
    plans: Sequence[Plan] = ()


def put_demand(connection: Connection, batch: DemandBatch) -> None:
    """In a transaction. A forecast with a number that is none is left out."""
    sound = [(made, each) for made, each in batch.forecasts if _is_finite(each)]
    states = [_state_of(each) for made, each in sound if made == "daily" and each.state]
    long: list[tuple[Table, Sequence[Sequence[Any]]]] = [
        (FORECASTS, [_forecast_row(made, each) for made, each in sound]),
        (FITS, [*states, *batch.fits]),
        (MONTH_FORECASTS, batch.months),
        (PLANS, [_plan_row(each) for each in batch.plans]),
    ]
    short = [
        (TRUTHS, [_row(each) for each in batch.truths]),
        (ACCURACIES, [_row(each) for each in batch.accuracies]),
    ]
    for at_once, tables in ((ROWS_AT_ONCE, long), (40 * ROWS_AT_ONCE, short)):
        for table, rows in tables:
            for first in range(0, len(rows), at_once):
                replace(connection, table, rows[first : first + at_once])


def _forecast_row(made: Made, forecast: Forecast) -> tuple[Any, ...]:
    """`state` stays empty: see `_state_of`."""
    return (
        forecast.target,
        made,
        forecast.made_at,
        forecast.start_at,
        forecast.step_seconds,
        forecast.model,
        _json(forecast.asked.as_json()),
        _json(list(forecast.members)),
        _json(dict(forecast.parameters)),
        _json(forecast.why.as_json()),
        [_short(each) for each in forecast.means],
        _json([[_short(each) for each in row] for row in forecast.bands]),
        [_short(each) for each in forecast.naive],
        "{}",
        forecast.cpu_seconds,
    )


def _state_of(forecast: Forecast) -> KeptFit:
    return KeptFit(forecast.target, STATE, forecast.made_at, _json(dict(forecast.state)))


def _plan_row(plan: Plan) -> tuple[Any, ...]:
    return (
        *plan[:6],
        _json(plan.reason.as_json()),
        _json(dict(plan.inputs)),
    )


def _row(cells: Iterable[Any]) -> tuple[Cell, ...]:
    """What is not finite is not known."""
    return tuple(None if isinstance(c, float) and not math.isfinite(c) else c for c in cells)


def _is_finite(forecast: Forecast) -> bool:
    rows = (forecast.means, forecast.naive, *forecast.bands)
    return all(math.isfinite(each) for row in rows for each in row)


def _short(value: float) -> float:
    """As precise as the column of the means: a third of the text."""
    return float(f"{value:.{DIGITS}g}")


def _json(shape: object) -> str:
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":"))
