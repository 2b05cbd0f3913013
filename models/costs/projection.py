"""How a month may go on: its days drawn again from the last weeks, weekday by weekday.

Every amount is a whole number of micro-won. The same input gives the same answer (the chance is
seeded). Bands of a plain bootstrap are too narrow (measured, costs-and-budgets.md section 8: 80 %
cover 56 to 70 %), so this one is `learning` until there are two whole months of days.
"""

# ruff: noqa: S311  Chance that can be repeated, not secrets.

import random
from collections.abc import Sequence
from typing import NamedTuple

DRAWS = 500
HISTORY_DAYS = 35
LEARNED_DAYS = 60
LEAST_DAYS = 3
WEEK = 7
LOW, MIDDLE, HIGH = 10, 50, 90
"""Percentiles of the band."""


class Day(NamedTuple):
    """What a whole local day cost; `number` is that of `models/costs/periods.py`."""

    number: int
    micro: int


class Ahead(NamedTuple):
    """What is known of the rest of a period.

    `today` is the number of the day that runs, `left_ppm` the part of it that is left, `last_day`
    the last one of the period. `spent_micro` is spent so far, `fixed_micro` is reserved and comes
    whatever happens, `cap_micro` is the bucket's cap.
    """

    today: int
    left_ppm: int
    last_day: int
    spent_micro: int
    fixed_micro: int
    cap_micro: int


class Band(NamedTuple):
    """Spent by the end of a day: a tenth, a half, nine tenths of the draws have at most that."""

    number: int
    low_micro: int
    middle_micro: int
    high_micro: int


class Projection(NamedTuple):
    """`days` from today to the last. The cap is reached on one of `cap_days`: early, middle and
    late (a tenth, a half, nine tenths of all draws reach it by then), None: not in this period.
    """

    days: tuple[Band, ...]
    cap_days: tuple[int | None, int | None, int | None]
    learning: bool


def project(history: Sequence[Day], ahead: Ahead, seed: int = 1) -> Projection | None:
    """None where fewer than three days are known, or the period is over."""
    known = sorted(day for day in history if day.number < ahead.today)
    past = known[-HISTORY_DAYS:]
    if len(past) < LEAST_DAYS or ahead.last_day < ahead.today:
        return None
    chance = random.Random(seed)
    alike = [[day for day in past if _weekday(day.number) == n] for n in range(WEEK)]
    paths = [_path(past, alike, ahead, chance) for _ in range(DRAWS)]
    bands = [
        Band(ahead.today + place, *_percentiles(sorted(totals)))
        for place, totals in enumerate(zip(*paths, strict=True))
    ]
    return Projection(tuple(bands), _cap_days(paths, ahead), len(known) < LEARNED_DAYS)


def _path(
    past: Sequence[Day], alike: Sequence[Sequence[Day]], ahead: Ahead, chance: random.Random
) -> list[int]:
    """Spent by the end of each day."""
    total = ahead.spent_micro + ahead.fixed_micro
    path = []
    for number in range(ahead.today, ahead.last_day + 1):
        its = alike[_weekday(number)]
        # One time more than there are such days any day will do: few of them are not all there is.
        place = chance.randrange(len(its) + 1)
        drawn = its[place] if place < len(its) else past[chance.randrange(len(past))]
        share_ppm = ahead.left_ppm if number == ahead.today else 1_000_000
        total += drawn.micro * share_ppm // 1_000_000
        path.append(total)
    return path


def _cap_days(
    paths: Sequence[Sequence[int]], ahead: Ahead
) -> tuple[int | None, int | None, int | None]:
    never = ahead.last_day + 1
    reached = sorted(
        next(
            (ahead.today + place for place, total in enumerate(path) if total >= ahead.cap_micro),
            never,
        )
        for path in paths
    )
    early, middle, late = (day if day < never else None for day in _percentiles(reached))
    return early, middle, late


def _percentiles(ordered: Sequence[int]) -> tuple[int, int, int]:
    last = len(ordered) - 1
    low, middle, high = (ordered[last * percent // 100] for percent in (LOW, MIDDLE, HIGH))
    return low, middle, high


def _weekday(number: int) -> int:
    # 1970-01-01 was a Thursday.
    return (number + 3) % WEEK
