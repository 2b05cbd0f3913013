"""What a series is forecast by: what was asked, or the next simpler thing that can be done."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from models.demand.shapes import NOT_ENOUGH, QUANTILES, Model, Recipe
from models.errors import NoForecast
from models.forecasts.backtest import ORIGINS_LEAST, span_of
from models.forecasts.conformal import Widths
from models.forecasts.cycle import DAY_SECONDS
from models.forecasts.early import early
from models.forecasts.history import History
from models.forecasts.intermittent import forecast_rare, is_rare
from models.forecasts.members import ALONE, MEMBERS
from models.forecasts.reasons import also, combined, could_not, restless
from models.forecasts.series import VALUES_MAX, series_of
from models.forecasts.shapes import Fit, Values
from models.forecasts.solving import Series, Solved, solve
from models.forecasts.watching import Watch
from models.messages import Message, say

CONSTANT_SHARE = 0.05
AUTOMATIC: tuple[Model, ...] = ("auto", "combo")


class Choice(NamedTuple):
    """A forecast in the making: `reasons` become its sentence."""

    model: Model
    means: Values
    bands: Values
    reasons: tuple[Message, ...]
    fits: Mapping[str, Fit] = MappingProxyType({})
    widths: Widths | None = None

    def with_reasons(self, more: Sequence[Message]) -> "Choice":
        return self._replace(reasons=(*self.reasons, *more))

    def state(self, history: History, recipe: Recipe) -> dict[str, Any]:
        """JSON from which `refresh` goes on."""
        asked = {"asked": recipe.as_json(), "model": self.model, "made_at": history.end_at}
        if self.widths is None:
            return asked
        return {
            **asked,
            "step_seconds": history.step_seconds,
            "members": list(self.fits),
            "parameters": {name: list(fit.parameters) for name, fit in self.fits.items()},
            "widths": self.widths.as_json(),
            "why": also(self.reasons).as_json(),
        }


def chosen(history: History, recipe: Recipe, steps: int, watch: Watch) -> Choice:
    """Raises NoForecast where less than a day is known, and OutOfTime."""
    if len(history.values) * min(history.step_seconds, DAY_SECONDS // 2) < DAY_SECONDS:
        raise NoForecast(NOT_ENOUGH)
    series = series_of(history, recipe)
    is_little = len(span_of(len(series.y), series.day).origins) < ORIGINS_LEAST
    if is_little or np.ptp(history.values) == 0 or is_for_rare(history, recipe):
        return simplest(history, recipe, steps, watch)
    choice = of_models(series, recipe, steps, watch)
    return choice.with_reasons([*capped(series), *history.notes])


def simplest(history: History, recipe: Recipe, steps: int, watch: Watch) -> Choice:
    """Without any model that must be fitted: of what never changes, of the rare, of the new."""
    if np.ptp(history.values) == 0:
        choice = constant(history, steps)
    elif is_for_rare(history, recipe):
        means, bands, why = forecast_rare(history, steps)
        choice = Choice("intermittent", means, bands, (why,))
    else:
        choice = of_little(series_of(history, recipe), steps, watch)
    return choice.with_reasons(history.notes)


def is_for_rare(history: History, recipe: Recipe) -> bool:
    """What is mostly nothing has no season to learn and no level."""
    if recipe.model == "intermittent":
        return True
    return recipe.model in AUTOMATIC and is_rare(history.values)


def capped(series: Series) -> list[Message]:
    if len(series.y) < VALUES_MAX:
        return []
    return [say("of its history the newest {count} steps are looked at", count=VALUES_MAX)]


def constant(history: History, steps: int) -> Choice:
    """It never changed: neither does its forecast; 5 % to each side are a band of its own."""
    means = np.full(steps, history.values[-1])
    sides = np.array([2 * q - 1 for q in QUANTILES])[:, None] * CONSTANT_SHARE * history.widen
    why = say(
        "what it always was is forecast; no error tells how wide a band is, so it is 5 % to each "
        "side"
    )
    return Choice("seasonal_naive", means, means + sides * abs(means), (why,))


def of_little(series: Series, steps: int, watch: Watch) -> Choice:
    solved = early(series, steps, watch)
    is_level = solved.members == ("level",)
    why = (
        say("too little is known for a model: the level of the last hours, with wide bands")
        if is_level
        else say("too little is known for a model: what was a day ago, with wide bands")
    )
    model: Model = "theta" if is_level else "seasonal_naive"
    return Choice(model, solved.means, solved.bands, (why,), solved.fits)


def of_models(series: Series, recipe: Recipe, steps: int, watch: Watch) -> Choice:
    """As asked; else the ensemble; else the day before."""
    lost: list[Message] = []
    if recipe.model not in AUTOMATIC:
        solved = solve([ALONE[recipe.model]], series, steps, watch)
        if solved is not None:
            return of_solved(recipe.model, solved, (say("as it was asked for"),))
        lost = could_not([recipe.model])
    solved = solve(MEMBERS, series, steps, watch)
    if solved is None:
        choice = of_little(series, steps, watch)
        return choice._replace(reasons=(*choice.reasons, *lost))
    reasons = combined(solved.members, solved.kept.left_out, solved.failed)
    return of_solved("combo", solved, (*reasons, *lost))


def of_solved(model: Model, solved: Solved, reasons: tuple[Message, ...]) -> Choice:
    unsettled = [name for name, fit in solved.fits.items() if not fit.has_converged]
    all_reasons = (*reasons, *restless(unsettled))
    return Choice(model, solved.means, solved.bands, all_reasons, solved.fits, solved.widths)
