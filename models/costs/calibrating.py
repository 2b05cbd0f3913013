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

from models.costs.course import Course, Off
from models.costs.levels import WAYS, WEEK, Learned, ordinary

LEAST_DAYS = 3
TRIED_FROM_DAY, TRIED_DAYS, STEPS_MAX = 3, 42, 62
SHARPNESS = 8
"""A way that is off by twice as much weighs 2^8 times less."""
MEMORY_DAYS = 20
"""A level is known about as well as from so many days: so errors of sums grow with their length."""
USUAL = (-1.45, -0.15, 2.4)
"""Of a sum beside the mean size of earlier errors: a tenth, a half, nine tenths are at most so far
off. Measured on 6,400 synthetic months (bench/month_series.py), where it hardly depends on how
many days are known."""
USUAL_ORIGINS = 40
"""What is usual weighs as much as so many days of one's own."""
SURE_ORIGINS, UNSURE_PART = 7, 0.3
"""Fewer days than a week may be alike by chance: their errors are at least this part of a day."""


class Tried(NamedTuple):
    """From one earlier day: sums of the days that came, and the same as each way had them."""

    came: Sequence[float]
    told: Sequence[Sequence[float]]


class Ways(NamedTuple):
    """`days` are those ahead as each way has them; `names` and `tried` are in the same order."""

    names: Sequence[str]
    days: Sequence[Sequence[float]]
    tried: Sequence[Tried]


def course_of(amounts: Sequence[int], first_day: int, steps: int) -> Course | None:
    """`amounts` are micro-won of the whole days before `first_day`; None where fewer than three
    are known. No way sees a day that it is asked about.
    """
    steps = min(max(steps, 1), STEPS_MAX)
    if len(amounts) < LEAST_DAYS:
        return None
    return combined(plain_ways(amounts, first_day, steps), amounts, first_day)


def plain_ways(amounts: Sequence[int], first_day: int, steps: int) -> Ways:
    """Those of `models/costs/levels.py`."""
    known = len(amounts)
    usual, added = ordinary([float(amount) for amount in amounts])
    first_tried = max(min(TRIED_FROM_DAY, known - 1), known - TRIED_DAYS)
    learned, tried = Learned(), []
    for place, amount in enumerate(usual):
        day = first_day - known + place
        if place >= first_tried:
            came = list(accumulate(amounts[place : place + steps]))
            told = learned.ahead(_weekday(day), len(came))
            tried.append(Tried(came, [_sums(row, added) for row in told]))
        learned.add(amount, _weekday(day))
    days = learned.ahead(_weekday(first_day), steps)
    return Ways(WAYS, [[amount + added for amount in row] for row in days], tried)


def combined(ways: Ways, amounts: Sequence[int], first_day: int) -> Course:
    """The mean of all ways by what each is worth; money from here on."""
    shares = _shares(ways.tried, len(ways.names))
    mean = sum(amounts) / len(amounts)
    errors = [_errors(each, shares) for each in ways.tried]
    rows = zip(*ways.days, strict=True)
    means = [sum(share * its for share, its in zip(shares, row, strict=True)) for row in rows]
    best = max(range(len(shares)), key=shares.__getitem__)
    return Course(
        model=ways.names[best],
        first_day=first_day,
        means_micro=tuple(max(round(each), 0) for each in means),
        off=_off(errors, len(means), len(amounts), mean),
        known_days=len(amounts),
        origins=len(errors),
        shares={name: round(share, 3) for name, share in zip(ways.names, shares, strict=True)},
        errors={
            name: round(_error_part(ways.tried, place), 4) for place, name in enumerate(ways.names)
        },
    )


def _shares(tried: Sequence[Tried], count: int) -> list[float]:
    """By the mean error of each, sums of all lengths alike."""
    worst = [0.0] * count
    for each in tried:
        for place, row in enumerate(each.told):
            off = (abs(a - b) / _width(n) for n, (a, b) in enumerate(_pairs(each.came, row), 1))
            worst[place] += sum(off) / len(each.came)
    least = min(worst)
    if least <= 0:
        exact = [1.0 if each <= 0 else 0.0 for each in worst]
        return [each / sum(exact) for each in exact]
    weights = [(least / each) ** SHARPNESS for each in worst]
    return [weight / sum(weights) for weight in weights]


def _errors(tried: Tried, shares: Sequence[float]) -> list[float]:
    """How far what came was above what all together had said, by the length of the sum."""
    return [
        came - sum(share * told for share, told in zip(shares, row, strict=True))
        for came, *row in zip(tried.came, *tried.told, strict=True)
    ]


def _error_part(tried: Sequence[Tried], place: int) -> float:
    """Of the sums of all lengths: errors as a part of what came."""
    off = sum(abs(a - b) for each in tried for a, b in _pairs(each.came, each.told[place]))
    came = sum(sum(each.came) for each in tried)
    return off / came if came > 0 else 0.0


def _off(errors: Sequence[Sequence[float]], steps: int, known: int, mean: float) -> tuple[Off, ...]:
    """Quantiles of one's own errors and what is usual, each by what it weighs."""
    scaled = sorted(
        error / _width(length, known) for row in errors for length, error in enumerate(row, 1)
    )
    size = sum(abs(each) for each in scaled) / len(scaled)
    unsure = max(SURE_ORIGINS - len(errors), 0) / SURE_ORIGINS
    size = max(size, UNSURE_PART * unsure * mean)
    part = len(errors) / (len(errors) + USUAL_ORIGINS)
    ends = [
        part * _quantile(scaled, share) + (1 - part) * usual * size
        for share, usual in zip((0.1, 0.5, 0.9), USUAL, strict=True)
    ]
    low, middle, high = sorted(ends)
    return tuple(
        Off(*(round(end * _width(length, known)) for end in (low, middle, high)))
        for length in range(1, steps + 1)
    )


def _width(length: int, known: int = MEMORY_DAYS) -> float:
    """How errors of a sum grow with its length: chance of each day, and a level known from few."""
    return sqrt(length + length * length / min(known, MEMORY_DAYS))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    before = int(place)
    after = min(before + 1, len(ordered) - 1)
    return ordered[before] + (ordered[after] - ordered[before]) * (place - before)


def _sums(days: Sequence[float], added: float) -> list[float]:
    return list(accumulate(day + added for day in days))


def _pairs(a: Sequence[float], b: Sequence[float]) -> "zip[tuple[float, float]]":
    return zip(a, b, strict=True)


def _weekday(number: int) -> int:
    # 1970-01-01 was a Thursday.
    return (number + 3) % WEEK
