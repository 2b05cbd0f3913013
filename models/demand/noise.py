"""How much of a series is noise that nobody foresees: the best accuracy there is to expect."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean

from models.demand.shapes import DAY_STEPS, WEEK_STEPS

DAYS_MIN, CYCLES_MIN = 2, 3


def noise_floor(
    values: Sequence[float | None], day: int = DAY_STEPS, last: int | None = None
) -> float | None:
    """The best 1-WAPE to be expected one step ahead, 0 to 1; None for less than two days, or zeros.

    Of the `last` values, where not all are asked for; the rhythm is learned from all.

    Knows in hindsight what a forecast would have to guess, so that the truth lies at or below it.
    For each of three profiles (none; the same step of the other days; of the other weeks, each
    from three cycles on) the rest is compared with the mean of its two neighbours, before *and*
    after, and with its middle. For white noise of mean absolute size m the first differs by
    m * sqrt(3 / 2), and a profile of k - 1 other cycles makes the rest sqrt(k / (k - 1)) times as
    large; both are taken out again. The smallest of these errors, divided by the mean of the
    values, is the noise: what is left of a series when its level, its slope and its rhythm are
    known. None in `values` is a gap, and no neighbour.
    """
    first = 0 if last is None else max(0, len(values) - last)
    known = [abs(value) for value in values[first:] if value is not None]
    if sum(value is not None for value in values) < DAYS_MIN * day or not any(known):
        return None
    week = day * WEEK_STEPS // DAY_STEPS
    rests = [list(values), *(_rest(values, period) for period in (day, week))]
    errors = [error for rest in rests if rest for error in _errors(rest[max(0, first - 1) :])]
    return max(0.0, 1.0 - min(errors) / fmean(known))


def _rest(values: Sequence[float | None], period: int) -> list[float | None]:
    """Each value less the mean of the other cycles at its phase, in the size of the noise."""
    if len(values) < CYCLES_MIN * period:
        return []
    phases = [
        [value for value in values[phase::period] if value is not None] for phase in range(period)
    ]
    sums = [(sum(phase), len(phase)) for phase in phases]
    return [_left(value, *sums[place % period]) for place, value in enumerate(values)]


def _left(value: float | None, total: float, count: int) -> float | None:
    """`value - (total - value) / (count - 1)`, times `sqrt((count - 1) / count)`."""
    if value is None or count < CYCLES_MIN:
        return None
    return (value * count - total) / sqrt(count * (count - 1))


def _errors(rest: Sequence[float | None]) -> list[float]:
    """Mean absolute size beside its neighbours, and beside its middle."""
    beside = [
        abs(here - (before + after) / 2)
        for before, here, after in zip(rest, rest[1:], rest[2:], strict=False)
        if before is not None and here is not None and after is not None
    ]
    known = [each for each in rest if each is not None]
    found = [fmean(beside) / sqrt(1.5)] if beside else []
    if known:
        middle = sorted(known)[len(known) // 2]
        found.append(fmean(abs(each - middle) for each in known))
    return found
