"""How wrong each model was lately: forecasts from moments of the past, beside what came."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from models.forecasts.cycle import Cycle
from models.forecasts.members import Member, attempt
from models.forecasts.shapes import Marks, Values
from models.forecasts.watching import Watch
from models.messages import say

ORIGINS_MAX = 8
ORIGINS_LEAST = 4
CYCLES_BEFORE = 4
SPACING_SHARE = 9 / 24
TESTING_SHARE = 0.9
"""Of the time of a fit, about that of the backtest."""


class Span(NamedTuple):
    """`horizon` steps are forecast from each of `origins`: numbers of values known, newest first.

    Eight, 9 h apart, see every part of the day (forecasting.md 6.3).
    """

    horizon: int
    origins: tuple[int, ...]


class Backtest(NamedTuple):
    """Errors of each model by name, shape [origins, horizon]: forecast less truth.

    NaN where nothing was measured. `failed` could not be fitted at each origin.
    """

    errors: dict[str, Values]
    failed: tuple[str, ...]


def span_of(n: int, day: int) -> Span:
    """`day`: steps of the cycle that is forecast ahead, 24 of an hourly series."""
    spacing = max(round(SPACING_SHARE * day), 1)
    origins = (n - day - spacing * k for k in range(ORIGINS_MAX))
    return Span(day, tuple(origin for origin in origins if origin >= CYCLES_BEFORE * day))


def backtest(
    members: Sequence[Member], y: Values, filled: Marks, cycle: Cycle, span: Span, watch: Watch
) -> Backtest:
    """`y` and `filled` of shape [n]; what is not over yet is no truth. Raises OutOfTime."""
    known = np.concatenate([np.where(filled, np.nan, y), np.full(span.horizon, np.nan)])
    truths = np.array([known[origin : origin + span.horizon] for origin in span.origins])
    errors: dict[str, Values] = {}
    for number, member in enumerate(members):

        def at(part: float, number: int = number, member: Member = member) -> None:
            done = TESTING_SHARE * (number + part) / len(members)
            watch.at(done, say("backtest: {model}", model=member.name))

        rows = forecasts_of(member, y, cycle, span, at)
        if rows is not None:
            errors[member.name] = rows - truths
    failed = tuple(member.name for member in members if member.name not in errors)
    return Backtest(errors, failed)


def forecasts_of(
    member: Member, y: Values, cycle: Cycle, span: Span, at: Callable[[float], None]
) -> Values | None:
    """Shape [origins, horizon], newest first; None where it fails at one of them.

    `at` hears which part of it is done.
    """
    rows: list[Values] = []
    parameters: tuple[float, ...] | None = None
    for origin in reversed(span.origins):
        at(len(rows) / len(span.origins))
        fit = attempt(member, y[:origin], span.horizon, cycle, parameters)
        if fit is None:
            return None
        parameters = fit.parameters if member.is_slow else None
        rows.append(fit.means)
    return np.array(rows[::-1])
