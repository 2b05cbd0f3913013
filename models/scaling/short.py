"""How high the demand of the next half hour may be, by a fit that was made once a day.

Plain Python: the agent evaluates the weights at every look (forecasting.md, 8.4).
"""

from collections.abc import Sequence
from functools import cache
from math import cos, isfinite, pi, sin, sqrt
from operator import mul
from typing import NamedTuple

from models.demand.shapes import Measured
from models.messages import Message, say
from models.scaling.shapes import BUCKET_SECONDS, LEVELS, ShortFit

DAY = 288
NEAR = 3
"""A missing step is taken from one so near before it."""
MORE_THAN_SEEN = 1.2
"""No forecast is higher than so many times the highest step that was measured."""
WIDE = 2.0
"""Quantile over median: a band that is wider says nothing, and what is measured decides."""

OLD_SECONDS = 36 * 3_600
"""Weights are worth little after a day or two: forecasting.md, 4.3."""

NOT_MEASURED = say("the last minutes are not measured")
TOO_WIDE = say("the forecast is too wide to go by")


class Ahead(NamedTuple):
    """The quantile of demand in each of the next steps, the first of which begins at `start_at`.

    `highs` is None where it cannot be told, and then `why` says so.
    """

    start_at: int
    highs: tuple[float, ...] | None
    why: Message | None = None


def ahead(fit: ShortFit, measured: Measured, q: float, capacity: float = 0.0) -> Ahead:
    """`measured` ends with the last whole step; `q` is 0.5 to 0.99.

    A step that cannot fill one machine (`capacity`) is never too wide.
    """
    age = measured.end_at - fit.fitted_at
    if age > OLD_SECONDS:
        return Ahead(
            measured.end_at, None, say("it was last fitted {hours} h ago", hours=age // 3_600)
        )
    roots = roots_of(measured.values)
    seen = max((value for value in measured.values if value is not None), default=0.0)
    last = len(roots) - 1
    step = measured.start_at // BUCKET_SECONDS + last
    highs = highs_at(fit, roots, (last, step), q, (seen * MORE_THAN_SEEN, capacity))
    if isinstance(highs, Message):
        return Ahead(measured.end_at, None, highs)
    return Ahead(measured.end_at, highs)


def roots_of(values: Sequence[float | None]) -> list[float | None]:
    return [
        sqrt(max(value, 0.0)) if value is not None and isfinite(value) else None for value in values
    ]


def highs_at(
    fit: ShortFit,
    roots: Sequence[float | None],
    place: tuple[int, int],
    q: float,
    limits: tuple[float, float],
) -> tuple[float, ...] | Message:
    """`place`: the index of the last whole step, and its number since the epoch.

    `limits`: the most that is believed, and up to where nothing is too wide.
    """
    last, step = place
    most, narrow = limits
    level = min(max(round(q * 100) - 50, 0), len(LEVELS) - 1)
    if last < 0 or roots[last] is None:
        return NOT_MEASURED
    now = [_near(roots, last - lag) for lag in fit.lags]
    before = [_near(roots, last - season) for season in fit.seasons]
    highs = []
    for number, weights in enumerate(fit.weights, 1):
        then = [_near(roots, last + number - season) for season in fit.seasons]
        known = (1.0, *now, *then, *before, *_turn((step + number) % DAY))
        if None in known:
            return say("yesterday or the days before are not measured at this time of day")
        root = sum(map(mul, weights, known))
        residuals = fit.residuals[number - 1]
        high = max(root + residuals[level], 0.0) ** 2
        high = min(high, most)
        if high > narrow and high > WIDE * max(root + residuals[0], 0.0) ** 2:
            return TOO_WIDE
        highs.append(high)
    return tuple(highs)


def scaled(fit: ShortFit, factor: float) -> ShortFit:
    """The fit of a demand that is so many times as high."""
    root = sqrt(factor)
    free = len(fit.lags) + 2 * len(fit.seasons)
    return fit._replace(
        weights=tuple(
            tuple(
                weight if 0 < place <= free else weight * root for place, weight in enumerate(row)
            )
            for row in fit.weights
        ),
        residuals=tuple(tuple(each * root for each in row) for row in fit.residuals),
    )


def _near(roots: Sequence[float | None], place: int) -> float | None:
    if 0 <= place < len(roots) and roots[place] is not None:
        return roots[place]
    near = range(place - 1, max(place - NEAR, 0) - 1, -1)
    return next((roots[each] for each in near if roots[each] is not None), None)


@cache
def _turn(step: int) -> tuple[float, ...]:
    """Sine and cosine of a step of the day, three pairs."""
    turn = 2 * pi * step / DAY
    return tuple(wave(pair * turn) for pair in (1, 2, 3) for wave in (sin, cos))
