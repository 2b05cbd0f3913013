"""From a week of won to the month's end: a sum with its band, and when a cap is reached.

Whole micro-won throughout; the root of a variance is taken of whole numbers too.
"""

from collections.abc import Sequence
from itertools import count
from math import isqrt
from typing import NamedTuple

DAY_SECONDS = 86_400
WEEK_DAYS = 7
STUDENT_80_PERCENT = 144
"""Of seven days: so many hundredths of a deviation to each side hold 80 % (Student, 6 degrees)."""


class Band(NamedTuple):
    """Micro-won; low to high holds 80 % of what may come."""

    low: int
    middle: int
    high: int


class Money(NamedTuple):
    """Of the budget that pays: `committed_micro` is all that is spent, open or leased by `now`."""

    cap_micro: int | None
    committed_micro: int
    now: int
    month_end: int

    @property
    def days_left(self) -> float:
        return max(self.month_end - self.now, 0) / DAY_SECONDS


def month_band(days: Sequence[int], ahead_days: float) -> Band:
    """What so many days ahead cost if they are like these, weekday by weekday.

    The band is that of a sum of days that vary as these did, around a mean known from these only.

    >>> month_band([100] * 7, 10)
    Band(low=1000, middle=1000, high=1000)
    """
    hundredths = round(ahead_days * 100)
    if not days or hundredths <= 0:
        return Band(0, 0, 0)
    middle = sum(part for _, part in _coming(days, hundredths))
    spread = 0
    if len(days) > 1:
        mean = sum(days) // len(days)
        variance = sum((each - mean) ** 2 for each in days) // (len(days) - 1)
        # n days to come, whose mean is known from k: n + n²/k times the variance of one.
        many = hundredths * 100 + hundredths * hundredths // len(days)
        spread = isqrt(variance * many // 10_000) * STUDENT_80_PERCENT // 100
    return Band(max(middle - spread, 0), middle, middle + spread)


def within_cap(band: Band, money: Money) -> Band:
    """With what is committed already, and never above the cap, which lets nothing through."""
    most = max(money.cap_micro or 0, money.committed_micro)
    sums = (each + money.committed_micro for each in band)
    return Band(*(each if money.cap_micro is None else min(each, most) for each in sums))


def cap_at(days: Sequence[int], money: Money) -> float | None:
    """When days like these will have used up the cap; None: not before the month's end."""
    if money.cap_micro is None or not any(days):
        return None
    left = money.cap_micro - money.committed_micro
    for number in count():
        at = money.now + number * DAY_SECONDS
        if at >= money.month_end:
            return None
        won = days[number % len(days)]
        if won and won >= left:
            # A moment is no money: its fraction of a day may be a float.
            found = at + DAY_SECONDS * max(left, 0) / won
            return found if found < money.month_end else None
        left -= won
    return None


def _coming(days: Sequence[int], hundredths: int) -> list[tuple[int, int]]:
    """Number of the day, and what it costs; the last may be a part of one."""
    whole, rest = divmod(hundredths, 100)
    found = [(number, days[number % len(days)]) for number in range(whole)]
    return [*found, (whole, days[whole % len(days)] * rest // 100)]
