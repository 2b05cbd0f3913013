"""Forecasts with what came true of them, accuracies, fits, months and plans, in the store.

Rows are replaced by what makes them one, so storing a batch twice changes nothing. A DELETE leaves
its blocks to later rows: the file does not shrink, and does not grow either once as much goes as
comes. The state from which a forecast goes on is large and only the newest counts: it stands among
the fits, one a target.
"""

# ruff: noqa: S608  Names of tables and columns are constants of this package.

import json
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from data.ops.records import MOMENT, TEXT, Cell, Connection, Table, replace, table_of
from models.demand.accuracy import Accuracy, Truth
from models.demand.shapes import Forecast
from models.scaling.shapes import Plan
from models.tiers import DAY_SECONDS

Made = Literal["daily", "refresh"]
"""How a forecast was made: fitted anew, or from the state of the last daily one."""
STATE = "state"
"""Kind of the fit that holds the state of the newest daily forecast of a target."""
DIGITS = 6
ROWS_AT_ONCE = 50
"""A statement holds the text of its rows several times, in 48 MB for everything (a transaction may
have many of them): of forecasts and documents so many, of what is short forty times as many.
"""
WHOLE = "(r ->> {})::INTEGER"
NUMBER = "(r ->> {})::DOUBLE"
NUMBERS = "from_json(r -> {}, '[\"FLOAT\"]')"
YES = "(r ->> {})::BOOLEAN"

FORECASTS = table_of(
    "forecasts",
    ("target", "work", "made_at"),
    "made_at",
    target=TEXT,
    work=TEXT,
    made_at=MOMENT,
    start_at=MOMENT,
    step_seconds=WHOLE,
    model=TEXT,
    asked=TEXT,
    members=TEXT,
    parameters=TEXT,
    why=TEXT,
    means=NUMBERS,
    bands=TEXT,
    naive=NUMBERS,
    state=TEXT,
    cpu_seconds=NUMBER,
)
TRUTHS = table_of(
    "truths",
    ("target", "begun_at"),
    "begun_at",
    target=TEXT,
    begun_at=MOMENT,
    step_seconds=WHOLE,
    value=NUMBER,
    mark=TEXT,
)
ACCURACIES = table_of(
    "accuracies",
    ("target", "made_at", "days", "ahead"),
    "made_at",
    target=TEXT,
    made_at=MOMENT,
    days=WHOLE,
    ahead=WHOLE,
    steps=WHOLE,
    one_minus_wape=NUMBER,
    naive_one_minus_wape=NUMBER,
    noise_floor=NUMBER,
    skill=NUMBER,
    coverage80=NUMBER,
    coverage95=NUMBER,
    pinball=NUMBER,
    bias=NUMBER,
    drifted=YES,
)
FITS = table_of(
    "fits", ("key", "kind"), "fitted_at", key=TEXT, kind=TEXT, fitted_at=MOMENT, document=TEXT
)
MONTH_FORECASTS = table_of(
    "month_forecasts",
    ("bucket_id", "start_at", "made_at"),
    "made_at",
    bucket_id=TEXT,
    start_at=MOMENT,
    end_at=MOMENT,
    made_at=MOMENT,
    document=TEXT,
)
PLANS = table_of(
    "plans",
    ("pool", "planned_at"),
    "planned_at",
    pool=TEXT,
    planned_at=MOMENT,
    wanted=WHOLE,
    reactive=WHOLE,
    predicted=WHOLE,
    allowed=WHOLE,
    reason=TEXT,
    inputs=TEXT,
)
KEPT_DAYS = (
    (FORECASTS, 60),
    (TRUTHS, 400),
    (ACCURACIES, 400),
    (FITS, 60),
    (MONTH_FORECASTS, 400),
    (PLANS, 60),
)


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


def forget_old_demand(connection: Connection, now: float) -> None:
    """Drop what is past its time. In a transaction."""
    for table, days in KEPT_DAYS:
        before = datetime.fromtimestamp(now - days * DAY_SECONDS, UTC)
        connection.execute(f"DELETE FROM {table.name} WHERE {table.aged_by} < ?", [before])


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
