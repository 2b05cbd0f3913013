"""What a day costs on the whole, by some plain ways of taking the mean, weekday by weekday.

Chance is not seen here: `models/costs/calibrating.py` tries the ways out. Amounts are micro-won as
floats, which become money in one place only: `calibrating.course_of`.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import median

WEEK = 7
TINY = 1e-12
SPIKE, SPIKES_MAX_SHARE = 3.0, 0.1
ALIKE = 1.0
"""So many days of the mean of all are added to those of each weekday: few days are not all."""
QUIET = 0.1
"""A weekday that costs less than this part of the mean tells nothing of the level."""
LEAST_DAYS_ALIKE, SURE = 3, 4.0
"""So many days make a stretch, and by so many standard errors it must be another one."""
WAYS = ("steady", "weeks", "newest", "trend")
"""The mean since the level last changed; of the last weeks; of the last days; and half its slope
on. Weights of days halve within so many."""
WEEKS_HALF_DAYS, NEWEST_HALF_DAYS, TREND_HALF_DAYS, SLOW_HALF_DAYS = 25.0, 4.0, 12.0, 60.0
TREND_PART = 0.5


def ordinary(amounts: Sequence[float]) -> tuple[list[float], float]:
    """Days without their spikes, and what spikes add to a day on average.

    A spike is more than three times the middle of the days that cost anything; where more than a
    tenth of the days are, they are no spikes.

    >>> ordinary([1.0] * 19 + [23.0])
    ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, \
1.0, 3.0], 1.0)
    """
    some = [amount for amount in amounts if amount > 0]
    most = SPIKE * median(some) if some else 0.0
    high = [amount for amount in amounts if amount > most]
    if not high or len(high) > SPIKES_MAX_SHARE * len(amounts):
        return list(amounts), 0.0
    added = sum(amount - most for amount in high)
    return [min(amount, most) for amount in amounts], added / len(amounts)


def change_in(values: Sequence[float]) -> int:
    """Where the last stretch of another level begins; 0 where none is sure.

    >>> change_in([1.0, 1.1, 0.9, 1.0, 1.1, 2.0, 2.1, 1.9, 2.0])
    5
    """
    count, total = len(values), sum(values)
    squares = sum(value * value for value in values)
    best, place, before = SURE, 0, 0.0
    for n, value in enumerate(values[: count - LEAST_DAYS_ALIKE], start=1):
        before += value
        if n < LEAST_DAYS_ALIKE:
            continue
        left, right = before / n, (total - before) / (count - n)
        rest = squares - n * left * left - (count - n) * right * right
        variance = max(rest / (count - 2), TINY) * (1 / n + 1 / (count - n))
        sureness = abs(left - right) / sqrt(variance)
        if sureness > best:
            best, place = sureness, n
    return place


class _Memory:
    """Means that forget: of amounts, of how often each weekday was among them, and of their age."""

    def __init__(self, half_days: float) -> None:
        self._keep: float = 0.5 ** (1 / half_days)
        self._sum = self._count = self._age = 0.0
        self._weekdays = [0.0] * WEEK

    def add(self, amount: float, weekday: int) -> None:
        keep = self._keep
        self._age = keep * (self._age + self._count)
        self._sum, self._count = keep * self._sum + amount, keep * self._count + 1
        self._weekdays = [keep * each for each in self._weekdays]
        self._weekdays[weekday] += 1

    def level(self, factors: Sequence[float]) -> float:
        expected = sum(a * b for a, b in zip(factors, self._weekdays, strict=True))
        return self._sum / expected if expected > 0 else 0.0

    @property
    def age(self) -> float:
        return self._age / self._count if self._count else 0.0


class Learned:
    """All ways at once, one day after the other. Amounts are without spikes."""

    def __init__(self) -> None:
        self._weeks = _Memory(WEEKS_HALF_DAYS)
        self._newest = _Memory(NEWEST_HALF_DAYS)
        self._trend = _Memory(TREND_HALF_DAYS)
        self._slow = _Memory(SLOW_HALF_DAYS)
        self._days: list[tuple[float, int]] = []
        self._begins = 0
        self._sums, self._counts = [0.0] * WEEK, [0] * WEEK

    def add(self, amount: float, weekday: int) -> None:
        for memory in (self._weeks, self._newest, self._trend, self._slow):
            memory.add(amount, weekday)
        self._days.append((amount, weekday))
        self._sums[weekday] += amount
        self._counts[weekday] += 1

    def ahead(self, weekday: int, count: int) -> list[list[float]]:
        """The next days as each of WAYS has them; the first is of that weekday."""
        factors = self.factors()
        lines = (
            (self._steady(factors), 0.0),
            (self._weeks.level(factors), 0.0),
            (self._newest.level(factors), 0.0),
            self._slope(factors),
        )
        days = [factors[(weekday + n) % WEEK] for n in range(count)]
        return [
            [max(level + slope * n, 0.0) * factor for n, factor in enumerate(days, start=1)]
            for level, slope in lines
        ]

    def factors(self) -> list[float]:
        """What a weekday costs beside the mean of all; all 1 where nothing did cost anything."""
        mean = sum(self._sums) / max(sum(self._counts), 1)
        if mean <= 0:
            return [1.0] * WEEK
        return [
            (its + ALIKE * mean) / ((count + ALIKE) * mean)
            for its, count in zip(self._sums, self._counts, strict=True)
        ]

    def _steady(self, factors: Sequence[float]) -> float:
        """Since the last change; a root makes twice and half about as far."""
        telling = [
            (place, sqrt(max(amount, 0.0) / factors[weekday]))
            for place, (amount, weekday) in enumerate(self._days[self._begins :], self._begins)
            if factors[weekday] > QUIET
        ]
        place = change_in([value for _, value in telling])
        if place:
            self._begins = telling[place][0]
        since = self._days[self._begins :]
        expected = sum(factors[weekday] for _, weekday in since)
        return sum(amount for amount, _ in since) / expected if expected > 0 else 0.0

    def _slope(self, factors: Sequence[float]) -> tuple[float, float]:
        """Level now and slope a day, out of a fast and a slow mean (Brown's)."""
        level, slow = self._trend.level(factors), self._slow.level(factors)
        apart = self._slow.age - self._trend.age
        if apart < 1:
            return level, 0.0
        slope = TREND_PART * (level - slow) / apart
        return level + slope * self._trend.age, slope
