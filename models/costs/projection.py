"""How a month may go on: spent by the end of each day ahead, and when an amount is reached.

Every amount is a whole number of micro-won. The same input gives the same answer; nothing is drawn
by chance. See `models/costs/calibrating.py` for what the band is made of.
"""

from collections.abc import Sequence
from typing import NamedTuple

from models.costs.calibrating import course_of
from models.costs.course import Ahead, Band, Course, Days, bands, reached

HISTORY_DAYS = 35
LEARNED_DAYS = 28
"""Before that much of the band is what is usual elsewhere."""


class Day(NamedTuple):
    """What a whole local day cost; `number` is that of `models/costs/periods.py`."""

    number: int
    micro: int


class Projection(NamedTuple):
    """`days` from today to the last. The cap is reached on one of `cap_days`: early, middle and
    late (a tenth, a half, nine tenths of all cases reach it by then), None: not in this period.
    """

    days: tuple[Band, ...]
    cap_days: Days
    learning: bool
    course: Course


def project(history: Sequence[Day], ahead: Ahead) -> Projection | None:
    """None where fewer than three days are known, or the period is over.

    `history` has every day from its first to the one before today.
    """
    known = sorted(day for day in history if day.number < ahead.today)
    if not known or ahead.last_day < ahead.today:
        return None
    first_day = known[-1].number + 1
    course = course_of([day.micro for day in known], first_day, ahead.last_day - first_day + 1)
    return None if course is None else project_by(course, ahead)


def project_by(course: Course, ahead: Ahead) -> Projection | None:
    """A course that was made earlier, moved on to now; None where it does not reach the end."""
    days = bands(course, ahead)
    if not days:
        return None
    return Projection(
        days, reached(days, ahead.cap_micro), course.known_days < LEARNED_DAYS, course
    )
