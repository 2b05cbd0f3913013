"""What a burn-down is made of, and what it shows. Moments are UTC epoch seconds."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from models.costs.course import Course
from models.costs.left import Hourly
from models.costs.month_document import Kept
from models.costs.shapes import NOTHING, Bucket

Moments = tuple[int | None, int | None, int | None]


class DaySpent(NamedTuple):
    """What a local day cost: `won` of all kinds, `varying_won` of calls alone."""

    won: Decimal
    unverified_won: Decimal = NOTHING
    varying_won: Decimal = NOTHING


class BurnPoint(NamedTuple):
    """The end of a local day (now, for the one that runs): spent by then, and the even line there.

    `spent_won` is None for days to come; `unverified_won` is the part of it that is not settled.
    """

    day: int
    until: int
    spent_won: Decimal | None
    even_won: Decimal
    unverified_won: Decimal


class BandPoint(NamedTuple):
    """The band at the end of a day."""

    day: int
    until: int
    low_won: Decimal
    middle_won: Decimal
    high_won: Decimal


class Reached(NamedTuple):
    """When a part of the cap is spent: early, in the middle, late (a tenth, a half, nine tenths of
    all cases have by then), None: not in this period. `is_past`: it is spent already.
    """

    percent: int
    won: Decimal
    on: Moments
    is_past: bool


class BurnDown(NamedTuple):
    """`cap_on` says when the cap is reached: early, in the middle, late; None: not in this period.

    `ahead` is empty while too little is known; `learning`: the band is wide, since it is mostly
    what is usual elsewhere. `reached` has the lines below the cap and the cap itself. `naive_won`
    is what the pace of the month until now comes to. `course` is what the band is made of, fitted
    at `fitted_at`; None: reckoned at once.
    """

    bucket: Bucket
    points: tuple[BurnPoint, ...]
    ahead: tuple[BandPoint, ...]
    cap_on: Moments
    learning: bool
    reached: tuple[Reached, ...] = ()
    naive_won: Decimal = NOTHING
    course: Course | None = None
    fitted_at: int | None = None


class Known(NamedTuple):
    """What is known of the days ahead beside the days behind: machines that run, and what the child
    fitted within the last day and a half.
    """

    machines: Sequence[Hourly] = ()
    kept: Kept | None = None


NOTHING_KNOWN = Known()
