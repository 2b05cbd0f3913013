"""While little is known: the level or the day before, whichever was closer, with wide bands."""

import numpy as np

from models.forecasts.backtest import Span, backtest
from models.forecasts.combining import Kept, score
from models.forecasts.conformal import widths_of
from models.forecasts.cycle import Cycle
from models.forecasts.members import NAIVE, attempt, quick
from models.forecasts.shapes import Fit, Values
from models.forecasts.smoothing import smoothed
from models.forecasts.solving import Series, Solved, shaped
from models.forecasts.watching import Watch

WIDEN = 1.5
EVERY_SHARE = 1 / 8


def level(y: Values, steps: int, _: Cycle) -> Values:
    """The smoothed level alone: the same at each step."""
    return np.full(steps, smoothed(y).level)


LEVEL = quick("level", level)


def span_of_little(n: int, day: int) -> Span:
    """Every three hours of the last two days but the first half day; newest first."""
    first = max(n - 2 * day, min(day // 2, n - 1), 1)
    return Span(day, tuple(range(n - 1, first - 1, -max(round(EVERY_SHARE * day), 1))))


def early(series: Series, steps: int, watch: Watch) -> Solved:
    """`series` holds two values at least. Raises OutOfTime."""
    pool = [LEVEL] if len(series.y) < 2 * series.day else [NAIVE, LEVEL]
    span = span_of_little(len(series.y), series.day)
    tested = backtest(pool, series.y, series.filled, series.cycle, span, watch)
    best = min(pool, key=lambda member: score(tested.errors[member.name]))
    fit = attempt(best, series.y, steps, series.cycle) or Fit(series.y[-1:].repeat(steps))
    widths = widths_of(tested.errors[best.name])
    wide = series._replace(widen=series.widen * WIDEN)
    means, bands = shaped({best.name: fit}, wide, widths)
    kept = Kept((best.name,), (), tested.errors[best.name])
    return Solved(means, bands, kept, (), {best.name: fit}, widths)
