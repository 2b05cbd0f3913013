"""A forecast of one series: fitted and backtested once a day, forecast anew every hour."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.demand.shapes import QUANTILES, Forecast, Recipe
from models.forecasts.history import History
from models.forecasts.shapes import Values
from models.forecasts.watching import Watch
from models.messages import say


def daily(target: str, history: History, recipe: Recipe, steps: int, watch: Watch) -> Forecast:
    """Fit, backtest and forecast `steps` steps. Raises NoForecast and OutOfTime."""
    means, bands, members = point_and_bands(history.values, steps)
    return Forecast(
        target=target,
        made_at=history.end_at,
        start_at=history.end_at,
        step_seconds=history.step_seconds,
        asked=recipe,
        model="seasonal_naive",
        members=members,
        parameters={},
        why=say("what was a day ago"),
        means=tuple(means.tolist()),
        bands=tuple(tuple(row) for row in bands.tolist()),
        naive=tuple(means.tolist()),
        state={"model": "seasonal_naive"},
    )


def refresh(
    target: str, history: History, state: Mapping[str, Any], steps: int, watch: Watch
) -> Forecast:
    """Forecast anew from the parameters and bands of the day. Raises NoForecast and OutOfTime."""
    return daily(target, history, Recipe(), steps, watch)


def point_and_bands(values: Values, steps: int) -> tuple[Values, Values, tuple[str, ...]]:
    """Of a clean hourly array: means, a row for each of QUANTILES, and the members kept."""
    means = np.resize(values[-24:], steps)
    width = float(np.std(values[24:] - values[:-24])) if len(values) > 24 else 0.0
    sides = np.array([q - 0.5 for q in QUANTILES])[:, None] * 4
    return means, means + sides * width, ("seasonal_naive",)
