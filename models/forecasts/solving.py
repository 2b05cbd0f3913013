"""From a clean series to means and bands: backtest, choice, fit."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.forecasts.backtest import TESTING_SHARE, backtest, span_of
from models.forecasts.bounds import above_zero, within
from models.forecasts.combining import Kept, kept_of, median_of
from models.forecasts.conformal import Widths, bands_around, widths_of
from models.forecasts.cycle import Cycle
from models.forecasts.members import Member, attempt
from models.forecasts.shapes import Fit, Marks, Values
from models.forecasts.watching import Watch
from models.messages import say


class Series(NamedTuple):
    """`y` and `filled` of shape [n]; `day` steps are forecast ahead in a backtest."""

    y: Values
    filled: Marks
    cycle: Cycle
    day: int
    widen: float = 1.0


class Solved(NamedTuple):
    """`fits` by model are those of `kept`; `failed` could not be fitted."""

    means: Values
    bands: Values
    kept: Kept
    failed: tuple[str, ...]
    fits: Mapping[str, Fit]
    widths: Widths

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(self.fits)


def solve(pool: Sequence[Member], series: Series, steps: int, watch: Watch) -> Solved | None:
    """None where no model of `pool` can be fitted. Raises OutOfTime."""
    span = span_of(len(series.y), series.day)
    tested = backtest(pool, series.y, series.filled, series.cycle, span, watch)
    if not tested.errors:
        return None
    kept = kept_of(tested.errors)
    fits = fits_of([each for each in pool if each.name in kept.members], series, steps, watch, {})
    if not fits:
        return None
    lost = tuple(name for name in kept.members if name not in fits)
    widths = widths_of(kept.errors)
    means, bands = shaped(fits, series, widths)
    return Solved(means, bands, kept, tested.failed + lost, fits, widths)


def fits_of(
    members: Sequence[Member],
    series: Series,
    steps: int,
    watch: Watch,
    known: Mapping[str, Sequence[float]],
) -> dict[str, Fit]:
    """By model, without those that fail; with `known` parameters nothing is fitted anew."""
    fits = {}
    for member in members:
        watch.at(TESTING_SHARE, say("fit: {model}", model=member.name))
        fit = attempt(member, series.y, steps, series.cycle, known.get(member.name))
        if fit is not None:
            fits[member.name] = fit
    return fits


def shaped(fits: Mapping[str, Fit], series: Series, widths: Widths) -> tuple[Values, Values]:
    """Means and bands, within what is possible."""
    means = within(median_of([fit.means for fit in fits.values()]), series.y)
    bands = above_zero(bands_around(means, widths, series.widen), series.y)
    return means, np.maximum.accumulate(bands, axis=0)
