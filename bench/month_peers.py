"""Other ways to see the end of a month; amounts are micro-won, weekdays as in `models/costs`.

`bootstrap` is what Sallim did before: days drawn again from the last five weeks, by weekday
(costs-and-budgets.md section 8).
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

from models.costs.course import Ahead, bands
from models.costs.projection import Day, project
from models.forecasts.month import month_course

DRAWS, LAST_DAYS, WEEK = 500, 35, 7
TRAILING_DAYS = 14


class Told(NamedTuple):
    """The whole month; `low` and `high` are None where no band is given."""

    middle: float
    low: float | None = None
    high: float | None = None


class Begun(NamedTuple):
    """A month of `length` days of which `gone` are over; `known` are all days before today."""

    known: Sequence[int]
    today: int
    gone: int
    length: int

    @property
    def spent(self) -> int:
        return sum(self.known[len(self.known) - self.gone :])

    @property
    def left(self) -> int:
        return self.length - self.gone


def run_rate(begun: Begun) -> Told:
    return Told(begun.spent * begun.length / begun.gone)


def trailing_mean(begun: Begun) -> Told:
    """Spent, and the mean of the last 14 days for each one that is left."""
    last = begun.known[-TRAILING_DAYS:]
    return Told(begun.spent + sum(last) / len(last) * begun.left)


def bootstrap(begun: Begun) -> Told:
    past = begun.known[-LAST_DAYS:]
    first = begun.today - len(past)
    alike: list[list[int]] = [[] for _ in range(WEEK)]
    for place, amount in enumerate(past):
        alike[(first + place) % WEEK].append(amount)
    chance = random.Random(1)
    totals = sorted(_drawn(past, alike, begun, chance) for _ in range(DRAWS))
    low, middle, high = (totals[(DRAWS - 1) * percent // 100] for percent in (10, 50, 90))
    return Told(middle, low, high)


def ours(begun: Begun) -> Told:
    """The plain Python projection, which pages and the agent make at once."""
    first = begun.today - len(begun.known)
    history = [Day(first + place, amount) for place, amount in enumerate(begun.known)]
    last_day = begun.today + begun.left - 1
    found = project(history, Ahead(begun.today, 1_000_000, last_day, begun.spent, 0, 0))
    assert found is not None, "there are days before"
    end = found.days[-1]
    return Told(end.middle_micro, end.low_micro, end.high_micro)


def ours_fitted(begun: Begun) -> Told:
    """What the child makes once a day, with theta and Holt-Winters among its ways."""
    course = month_course(begun.known, begun.today, begun.left)
    assert course is not None, "there are days before"
    last_day = begun.today + begun.left - 1
    end = bands(course, Ahead(begun.today, 1_000_000, last_day, begun.spent, 0, 0))[-1]
    return Told(end.middle_micro, end.low_micro, end.high_micro)


def _drawn(
    past: Sequence[int], alike: Sequence[Sequence[int]], begun: Begun, chance: random.Random
) -> int:
    total = begun.spent
    for n in range(begun.left):
        its = alike[(begun.today + n) % WEEK]
        place = chance.randrange(len(its) + 1)
        total += its[place] if place < len(its) else past[chance.randrange(len(past))]
    return total
