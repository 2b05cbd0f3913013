"""What the days ahead may cost, told so that it can be kept and moved on: means and their errors.

A course is made once a day (or at once, in plain Python, where none is kept) and holds for any
moment after: the mean of each day ahead, and how far the sum of the next days may be from the sum
of their means. Amounts are whole micro-won.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Any, NamedTuple

WHOLE_PPM = 1_000_000
LOW, MIDDLE, HIGH = 10, 50, 90
"""Percentiles of the band."""


class Off(NamedTuple):
    """How far the sum of some days may be from that of their means: a tenth, a half, nine tenths
    of all sums are at most so far.
    """

    low_micro: int
    middle_micro: int
    high_micro: int


NONE_OFF = Off(0, 0, 0)


class Course(NamedTuple):
    """`means_micro` begins with the day `first_day`; `off[n]` is of the sum of n + 1 days.

    `model` is the way that weighs most, `shares` are all of them. `known_days` says how many days
    were known, `origins` from how many of them it was tried out; `errors` are those of each way
    there, as parts of what did come.
    """

    model: str
    first_day: int
    means_micro: tuple[int, ...]
    off: tuple[Off, ...]
    known_days: int
    origins: int
    shares: Mapping[str, float] = MappingProxyType({})
    errors: Mapping[str, float] = MappingProxyType({})

    def as_json(self) -> dict[str, Any]:
        return {
            **self._asdict(),
            "means_micro": list(self.means_micro),
            "off": [list(each) for each in self.off],
            "shares": dict(self.shares),
            "errors": dict(self.errors),
        }

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "Course":
        return cls(
            **{
                **shape,
                "means_micro": tuple(int(each) for each in shape["means_micro"]),
                "off": tuple(Off(*(int(each) for each in row)) for row in shape["off"]),
            }
        )


class Ahead(NamedTuple):
    """What is known of the rest of a period.

    `today` is the number of the day that runs, `left_ppm` the part of it that is left, `last_day`
    the last one of the period. `spent_micro` is spent so far, `fixed_micro` is reserved and comes
    whatever happens, `cap_micro` is the bucket's cap. `daily_micro` comes each day whatever
    happens, such as machines that run.
    """

    today: int
    left_ppm: int
    last_day: int
    spent_micro: int
    fixed_micro: int
    cap_micro: int
    daily_micro: int = 0


class Band(NamedTuple):
    """Spent by the end of a day: a tenth, a half, nine tenths of all cases have at most that."""

    number: int
    low_micro: int
    middle_micro: int
    high_micro: int


Days = tuple[int | None, int | None, int | None]
"""Early, in the middle, late; None: not in this period."""


def standing(first_day: int, steps: int) -> Course:
    """Of what never had a call: nothing varies."""
    return Course("none", first_day, (0,) * steps, (NONE_OFF,), 0, 0)


def bands(course: Course, ahead: Ahead) -> tuple[Band, ...]:
    """From today to the last day; none where the course does not reach that far.

    Never under what is spent and reserved, never falling from day to day.
    """
    place = ahead.today - course.first_day
    means = course.means_micro[place : place + ahead.last_day - ahead.today + 1]
    if place < 0 or not means or len(means) < ahead.last_day - ahead.today + 1:
        return ()
    sums = accumulate([means[0] * ahead.left_ppm // WHOLE_PPM, *means[1:]])
    found: list[Band] = []
    for n, total in enumerate(sums):
        least = ahead.spent_micro + ahead.fixed_micro
        least += ahead.daily_micro * (n * WHOLE_PPM + ahead.left_ppm) // WHOLE_PPM
        off = _off_after(course.off, n, ahead.left_ppm)
        its = [least + max(total + each, 0) for each in off]
        if found:
            its = [max(pair) for pair in zip(its, found[-1][1:], strict=True)]
        found.append(Band(ahead.today + n, *its))
    return tuple(found)


def reached(days: Sequence[Band], micro: int) -> Days:
    """On which days an amount is reached: what is spent never falls, so the day by which nine
    tenths of all cases have reached it is the first whose low end has.
    """

    def first(place: int) -> int | None:
        return next((band.number for band in days if band[place] >= micro), None)

    return first(3), first(2), first(1)


def _off_after(off: Sequence[Off], whole_days: int, left_ppm: int) -> Sequence[int]:
    """Of so many whole days and what is left of today, between the rows next to it."""
    before = NONE_OFF if whole_days == 0 else off[min(whole_days, len(off)) - 1]
    after = off[min(whole_days, len(off) - 1)]
    return [
        low + (high - low) * left_ppm // WHOLE_PPM for low, high in zip(before, after, strict=True)
    ]
