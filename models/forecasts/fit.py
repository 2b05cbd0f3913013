"""A forecast of one series: fitted and backtested once a day, forecast anew every hour."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.demand.shapes import Forecast, Recipe
from models.forecasts.choosing import Choice, chosen, simplest
from models.forecasts.conformal import Widths
from models.forecasts.cycle import cycle_of
from models.forecasts.history import History
from models.forecasts.local_time import locally
from models.forecasts.members import ALONE, MEMBERS
from models.forecasts.naive import last_values
from models.forecasts.reasons import also, beyond, could_not
from models.forecasts.series import series_of
from models.forecasts.shapes import Values
from models.forecasts.solving import fits_of, shaped
from models.forecasts.watching import Watch
from models.messages import Message


def daily(target: str, history: History, recipe: Recipe, steps: int, watch: Watch) -> Forecast:
    """Fit, backtest and forecast `steps` steps from the end of `history`.

    An hourly series is tested a day ahead, a daily one a week; what lies beyond has bands drawn
    out. What cannot be done as asked is done more simply, and `why` names it. `made_at` is the end
    of the history. Raises NoForecast and OutOfTime.
    """
    choice = locally(history, steps, lambda past, ahead: chosen(past, recipe, ahead, watch))
    return forecast_of(target, history, recipe, choice, steps)


def refresh(
    target: str, history: History, state: Mapping[str, Any], steps: int, watch: Watch
) -> Forecast:
    """Forecast anew with the parameters, members and bands that `daily` left in its `state`.

    Parameters older than a day make a forecast worse (forecasting.md 4.3): see `made_at` in it.
    A state that does not fit the history is as none: the simplest forecast stands in. Raises
    NoForecast and OutOfTime.
    """
    recipe = Recipe.from_json(state.get("asked", {}))

    def choose(past: History, ahead: int) -> Choice:
        known = again(past, recipe, state, ahead, watch)
        return simplest(past, recipe, ahead, watch) if known is None else known

    choice = locally(history, steps, choose)
    return forecast_of(target, history, recipe, choice, steps)


def again(
    history: History, recipe: Recipe, state: Mapping[str, Any], steps: int, watch: Watch
) -> Choice | None:
    """None where the state was left by something that keeps none, or on another grid."""
    if "widths" not in state or state.get("step_seconds") != history.step_seconds:
        return None
    if np.ptp(history.values) == 0:
        return None
    series = series_of(history, recipe)
    names, widths = state["members"], Widths.from_json(state["widths"])
    pool = MEMBERS if state["model"] == "combo" else [ALONE[state["model"]]]
    members = [member for member in pool if member.name in names]
    fits = fits_of(members, series, steps, watch, state["parameters"])
    if not fits:
        return None
    means, bands = shaped(fits, series, widths)
    failed = [name for name in names if name not in fits]
    reasons = (Message.from_json(state["why"]), *could_not(failed))
    return Choice(state["model"], means, bands, reasons, fits, widths)


def forecast_of(
    target: str, history: History, recipe: Recipe, choice: Choice, steps: int
) -> Forecast:
    lag = cycle_of(history.step_seconds).lag(len(history.values))
    horizon = len(choice.widths.scale) if choice.widths else steps
    more = beyond(horizon, steps, history.step_seconds)
    return Forecast(
        target=target,
        made_at=history.end_at,
        start_at=history.end_at,
        step_seconds=history.step_seconds,
        asked=recipe,
        model=choice.model,
        members=tuple(choice.fits),
        parameters={name: list(fit.parameters) for name, fit in choice.fits.items()},
        why=also([*choice.reasons, *more]),
        means=tuple(choice.means.tolist()),
        bands=tuple(tuple(row) for row in choice.bands.tolist()),
        naive=tuple(last_values(history.values, steps, lag).tolist()),
        state=choice.state(history, recipe),
    )


def point_and_bands(values: Values, steps: int) -> tuple[Values, Values, tuple[str, ...]]:
    """Of a clean hourly array: means, a row for each of QUANTILES, and the members kept.

    Exactly what `daily` makes of it with the recipe `auto`. Raises NoForecast.
    """
    nothing_filled = np.zeros(len(values), dtype=np.bool_)
    history = History(0, 3_600, np.asarray(values, dtype=np.float64), nothing_filled, "UTC")
    choice = chosen(history, Recipe(), steps, Watch())
    return choice.means, choice.bands, tuple(choice.fits)
