"""Recipes side by side: forecasts from moments of the past beside what came, and from now."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from models.demand.shapes import QUANTILES, Compared, Recipe
from models.forecasts.backtest import ORIGINS_LEAST, Span, span_of
from models.forecasts.choosing import Choice, chosen, of_solved
from models.forecasts.cycle import cycle_of
from models.forecasts.fit import daily
from models.forecasts.history import History
from models.forecasts.local_time import locally
from models.forecasts.members import ALONE, attempt, frozen
from models.forecasts.naive import last_values
from models.forecasts.series import series_of
from models.forecasts.shapes import Values
from models.forecasts.solving import solve
from models.forecasts.watching import Watch
from models.messages import say

ORIGINS_MAX = 6
SPACING_SHARE = 13 / 24
TESTED_LEAST = 3


class Trial(NamedTuple):
    """From one moment: shape [horizon], and [quantiles, horizon] of bands."""

    truths: Values
    means: Values
    bands: Values
    naive: Values


def compare(
    target: str, history: History, recipes: Sequence[Recipe], steps: int, watch: Watch
) -> tuple[Compared, ...]:
    """Each recipe fitted at up to six moments of the past, with what was known then, and now.

    The moments are 13 h apart, the newest a day ago (forecasting.md 4.1); a day is forecast from
    each (a week of a daily series). What is dear (ARIMA) is fitted at the oldest alone. Raises
    NoForecast and OutOfTime.
    """
    span = moments(history)
    made = []
    for number, recipe in enumerate(recipes):
        watch.at(number / len(recipes), say("comparing {model}", model=recipe.model))
        trials = trials_of(history, recipe, span, watch)
        forecast = daily(target, history, recipe, steps, watch)
        result = scored(recipe, trials, naive_error(history))
        made.append(result._replace(forecast=forecast))
    return tuple(made)


def moments(history: History) -> Span:
    n, day = len(history.values), series_of(history, Recipe()).day
    spacing = max(round(SPACING_SHARE * day), 1)
    origins = (n - day - spacing * k for k in range(ORIGINS_MAX))
    return Span(day, tuple(each for each in origins if is_enough(each, day)))


def is_enough(n: int, day: int) -> bool:
    return len(span_of(n, day).origins) >= ORIGINS_LEAST


def trials_of(history: History, recipe: Recipe, span: Span, watch: Watch) -> list[Trial]:
    if len(span.origins) < TESTED_LEAST:
        return []
    lag = cycle_of(history.step_seconds).short
    known = np.where(history.filled, np.nan, history.values)
    parameters = parameters_then(history, recipe, span.origins[-1])

    def choose(past: History, steps: int) -> Choice:
        return choice_then(past, recipe, parameters, steps, watch)

    trials = []
    for origin in span.origins:
        past = replace(history, values=history.values[:origin], filled=history.filled[:origin])
        choice = locally(past, span.horizon, choose)
        truths = known[origin : origin + span.horizon]
        naive = last_values(past.values, span.horizon, lag)
        trials.append(Trial(truths, choice.means, choice.bands, naive))
    return trials


def parameters_then(history: History, recipe: Recipe, origin: int) -> tuple[float, ...] | None:
    """Of a dear model, as fitted at `origin`; None for others, and where it cannot be fitted."""
    member = ALONE.get(recipe.model)
    if member is None or not member.is_slow:
        return None
    past = replace(history, values=history.values[:origin], filled=history.filled[:origin])
    series = series_of(past, recipe)
    fit = attempt(member, series.y, 1, series.cycle)
    return None if fit is None else fit.parameters


def choice_then(
    past: History, recipe: Recipe, parameters: tuple[float, ...] | None, steps: int, watch: Watch
) -> Choice:
    if parameters is not None:
        member = frozen(ALONE[recipe.model], parameters)
        solved = solve([member], series_of(past, recipe), steps, watch)
        if solved is not None:
            return of_solved(recipe.model, solved, (say("as it was asked for"),))
    return chosen(past, recipe, steps, watch)


def naive_error(history: History) -> float:
    """Mean error of the seasonal naive over the history: the unit of MASE."""
    lag = max(cycle_of(history.step_seconds).short, 1)
    y = history.values
    return float(np.mean(np.abs(y[lag:] - y[:-lag]))) if len(y) > lag else 0.0


def scored(recipe: Recipe, trials: Sequence[Trial], unit: float) -> Compared:
    """Over all steps with a truth; None where there are none, or nothing to divide by."""
    if not trials:
        why = say("too little is known to compare: a forecast of past days needs a week before")
        return Compared(recipe, None, None, None, None, None, 0, why)
    truths, means, naive = (
        np.concatenate([getattr(trial, name) for trial in trials])
        for name in ("truths", "means", "naive")
    )
    bands = np.concatenate([trial.bands for trial in trials], axis=1)
    at = np.isfinite(truths)
    error, by_naive = (float(np.abs(each - truths)[at].sum()) for each in (means, naive))
    count = len(trials)
    return Compared(
        recipe,
        one_minus_wape=one_minus(error, float(np.abs(truths[at]).sum())),
        mase=error / int(at.sum()) / unit if at.any() and unit > 0 else None,
        skill=one_minus(error, by_naive),
        coverage80=covered(truths[at], bands[:, at], 0.1, 0.9),
        coverage95=covered(truths[at], bands[:, at], 0.025, 0.975),
        origins=count,
        why=say("as it would have forecast at {count} moments of the last days", count=count),
    )


def one_minus(part: float, whole: float) -> float | None:
    return 1 - part / whole if whole > 0 else None


def covered(truths: Values, bands: Values, low: float, high: float) -> float | None:
    if not len(truths):
        return None
    above = truths >= bands[QUANTILES.index(low)]
    below = truths <= bands[QUANTILES.index(high)]
    return float(np.mean(above & below))
