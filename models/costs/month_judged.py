"""How good the projections of a month were, once it is over: what was expected, and what came.

Days are counted as people count them, "after 7 days": seven whole days of the house were known.
Amounts are whole micro-won, moments UTC epoch seconds.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.costs.periods import day_of, start_of

LOOKED_AFTER_DAYS = (3, 7, 14, 21)


class Projected(NamedTuple):
    """What was said of a month's end: its band of 80 %, and what the pace until then came to."""

    made_at: int
    low_micro: int
    middle_micro: int
    high_micro: int
    naive_micro: int


class Judged(NamedTuple):
    """A projection beside what came; `off_part` is how far it was above that, None of nothing."""

    after_days: int
    projected: Projected
    came_micro: int

    @property
    def is_inside(self) -> bool:
        return self.projected.low_micro <= self.came_micro <= self.projected.high_micro

    @property
    def off_part(self) -> float | None:
        if not self.came_micro:
            return None
        return (self.projected.middle_micro - self.came_micro) / self.came_micro


def projected_of(made_at: int, end: str | None, naive_micro: int) -> Projected | None:
    """`end` is JSON, as in a document of `month_document.py`; None where it told no band."""
    band = json.loads(end) if end else None
    if band is None:
        return None
    low, middle, high = (int(each) for each in band)
    return Projected(made_at, low, middle, high, naive_micro)


def judged(
    projections: Iterable[Projected], start_at: int, came_micro: int, zone: ZoneInfo
) -> list[Judged]:
    """The first of each day in LOOKED_AFTER_DAYS; a day on which none was made is left out."""
    told = sorted(projections)
    first = day_of(start_at, zone)
    found = []
    for days in LOOKED_AFTER_DAYS:
        since, until = (start_of(first + days + more, zone) for more in (0, 1))
        its = next((each for each in told if since <= each.made_at < until), None)
        if its is not None:
            found.append(Judged(days, its, came_micro))
    return found
