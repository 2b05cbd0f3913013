"""Ways to see the days ahead, tried out on the days that are known, and the band that follows.

Each way is asked at the earlier days what the next ones would cost; what did come says how much it
is worth, and how far off all together were. So bands hold what they say (costs-and-budgets.md
section 8: those of a plain bootstrap of 80 % hold 56 to 70 %; ours: bench/README.md). Amounts are
micro-won as floats until `course_of`, where they become money.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import sqrt
from typing import NamedTuple

from models.costs.course import HIGH, LOW, MIDDLE, Course, Off
from models.costs.levels import TINY, WAYS, WEEK, Learned, ordinary

LEAST_DAYS = 3
TRIED_FROM_DAY, TRIED_DAYS, STEPS_MAX = 3, 42, 62
SHARPNESS = 8
"""A way that is off by twice as much weighs 2^8 times less."""
TRUST = 3.0
"""What the steady ways weigh beside the others before anything is tried out."""
STEADY = ("steady", "weeks")
DRIFT_DAYS = 3
"""Errors of sums grow with their length as if a level were known from three days: chance would make
them grow by its root, but levels drift."""
USUAL = (-1.75, -0.15, 2.6)
"""Of a sum beside the mean size of earlier errors: a tenth, a half, nine tenths are at most so far
off. Measured on 300 made-up months of five kinds and on real counts (bench/month_series.py, other
months than those that are told in bench/README.md); it hardly depends on how many days are known.
"""
USUAL_ORIGINS = 40
"""What is usual weighs as much as so many days of one's own."""
OWN_WIDER = 1.3
"""One's own errors come from the days that chose the ways, and their sums overlap: measured so."""
SURE_ORIGINS, UNSURE_PART, LEAST_PART = 7, 0.3, 0.09
"""Errors are at least this part of a day: holidays come though no day was ever off. Fewer days than
a week may be alike by chance."""


class Tried(NamedTuple):
    """From one earlier day: sums of the days that came, and the same as each way had them."""

    came: Sequence[float]
    told: Sequence[Sequence[float]]


class Ways(NamedTuple):
    """`days` are those ahead as each way has them, in the order of `names` as in `tried`, which is
    from every day, or every few.
    """

    names: Sequence[str]
    days: Sequence[Sequence[float]]
    tried: Sequence[Tried]
    every_days: int = 1


def course_of(amounts: Sequence[int], first_day: int, steps: int) -> Course | None:
    """`amounts` are micro-won of the whole days before `first_day`; None where fewer than three
    are known. No way sees a day that it is asked about.
    """
    steps = min(max(steps, 1), STEPS_MAX)
    if len(amounts) < LEAST_DAYS:
        return None
    return combined(plain_ways(amounts, first_day, steps), amounts, first_day)


def plain_ways(amounts: Sequence[int], first_day: int, steps: int, every_days: int = 1) -> Ways:
    """Those of `models/costs/levels.py`, tried from every so many days."""
    known = len(amounts)
    usual, added = ordinary([float(amount) for amount in amounts])
    first, learned, tried = first_tried(known), Learned(), []
    for place, amount in enumerate(usual):
        day = first_day - known + place
        if place >= first and (known - place) % every_days == 0:
            came = list(accumulate(amounts[place : place + steps]))
            told = learned.ahead(_weekday(day), len(came))
            tried.append(Tried(came, [_sums(row, added) for row in told]))
        learned.add(amount, _weekday(day))
    days = learned.ahead(_weekday(first_day), steps)
    return Ways(WAYS, [[amount + added for amount in row] for row in days], tried, every_days)


def first_tried(known: int) -> int:
    """The place of the first day from which is tried what follows."""
    return max(min(TRIED_FROM_DAY, known - 1), known - TRIED_DAYS)


def combined(ways: Ways, amounts: Sequence[int], first_day: int) -> Course:
    """The mean of all ways by what each is worth; money from here on."""
    shares = _shares(ways)
    mean = sum(amounts) / len(amounts)
    errors = [_errors(each, shares) for each in ways.tried]
    rows = zip(*ways.days, strict=True)
    means = [sum(share * its for share, its in zip(shares, row, strict=True)) for row in rows]
    best = max(range(len(shares)), key=shares.__getitem__)
    return Course(
        model=ways.names[best],
        first_day=first_day,
        means_micro=tuple(max(round(each), 0) for each in means),
        off=_off(errors, ways.every_days, mean, len(means)),
        known_days=len(amounts),
        origins=len(errors),
        shares={name: round(share, 3) for name, share in zip(ways.names, shares, strict=True)},
        errors={
            name: round(_error_part(ways.tried, place), 4) for place, name in enumerate(ways.names)
        },
    )


def _shares(ways: Ways) -> list[float]:
    """By the mean error of each, those of long sums before those of short ones."""
    worst = [0.0] * len(ways.names)
    for each in ways.tried:
        for place, row in enumerate(each.told):
            off = (
                abs(came - told) * length / _width(length)
                for length, (came, told) in enumerate(zip(each.came, row, strict=True), 1)
            )
            worst[place] += sum(off) / len(each.came)
    least = max(min(worst), TINY)
    weights = [
        (TRUST if name in STEADY else 1.0) * (least / max(off, TINY)) ** SHARPNESS
        for name, off in zip(ways.names, worst, strict=True)
    ]
    return [weight / sum(weights) for weight in weights]


def _errors(tried: Tried, shares: Sequence[float]) -> list[float]:
    """How far what came was above what all together had said, by the length of the sum."""
    return [
        came - sum(share * told for share, told in zip(shares, row, strict=True))
        for came, *row in zip(tried.came, *tried.told, strict=True)
    ]


def _error_part(tried: Sequence[Tried], place: int) -> float:
    """Of the sums of all lengths: errors as a part of what came."""
    off = sum(
        abs(came - told)
        for each in tried
        for came, told in zip(each.came, each.told[place], strict=True)
    )
    came = sum(sum(each.came) for each in tried)
    return off / came if came > 0 else 0.0


def _off(
    errors: Sequence[Sequence[float]], every_days: int, mean: float, steps: int
) -> tuple[Off, ...]:
    """Quantiles of one's own errors and what is usual, each by what it weighs."""
    scaled = sorted(error / _width(length) for row in errors for length, error in enumerate(row, 1))
    size = sum(abs(each) for each in scaled) / len(scaled)
    days = len(errors) * every_days
    unsure = max(SURE_ORIGINS - days, 0) / SURE_ORIGINS
    wide = max(size, max(UNSURE_PART * unsure, LEAST_PART) * mean)
    own = days / (days + USUAL_ORIGINS)
    low, middle, high = (_quantile(scaled, percent / 100) for percent in (LOW, MIDDLE, HIGH))
    mixed = sorted(
        (
            own * OWN_WIDER * low + (1 - own) * USUAL[0] * wide,
            own * middle + (1 - own) * USUAL[1] * size,
            own * OWN_WIDER * high + (1 - own) * USUAL[2] * wide,
        )
    )
    widths = [_width(length) for length in range(1, steps + 1)]
    return tuple(Off(*(round(end * width) for end in mixed)) for width in widths)


def _width(length: int) -> float:
    """How errors of a sum grow with its length."""
    return sqrt(length + length * length / DRIFT_DAYS)


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    before = int(place)
    after = min(before + 1, len(ordered) - 1)
    return ordered[before] + (ordered[after] - ordered[before]) * (place - before)


def _sums(days: Sequence[float], added: float) -> list[float]:
    return list(accumulate(day + added for day in days))


def _weekday(number: int) -> int:
    # 1970-01-01 was a Thursday.
    return (number + 3) % WEEK
