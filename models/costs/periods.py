"""Days, weeks, months and years of a zone. Moments are whole UTC epoch seconds.

A local day has a number: days since 1970-01-01. Weeks begin on Monday.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

Unit = Literal["day", "week", "month", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
DAY_SECONDS = 86_400
EPOCH = date(1970, 1, 1)


class Shift(NamedTuple):
    """From `since` on, local time is UTC plus `offset_seconds`."""

    since: int
    offset_seconds: int


class Period(NamedTuple):
    """[since, until); `first_day` is the number of its first local day."""

    first_day: int
    since: int
    until: int


def shifts(since: float, until: float, zone: ZoneInfo) -> list[Shift]:
    """The offset at `since`, and each change of it before `until`.

    >>> [shift.offset_seconds // 3600 for shift in shifts(0, 86_400, ZoneInfo("Asia/Seoul"))]
    [9]
    """
    at = int(since)
    found = [Shift(at, _offset(at, zone))]
    while at < until:
        later = at + DAY_SECONDS
        offset = _offset(later, zone)
        if offset != found[-1].offset_seconds:
            found.append(Shift(_change(at, later, zone), offset))
        at = later
    return [shift for shift in found if shift is found[0] or shift.since < until]


def day_of(moment: float, zone: ZoneInfo) -> int:
    """The number of the local day.

    >>> day_of(15 * 3600, ZoneInfo("Asia/Seoul"))
    1
    """
    return (int(moment) + _offset(int(moment), zone)) // DAY_SECONDS


def date_of(day: int) -> date:
    """By its number.

    >>> date_of(31)
    datetime.date(1970, 2, 1)
    """
    return EPOCH + timedelta(days=day)


def start_of(day: int, zone: ZoneInfo) -> int:
    """When a local day begins."""
    local = datetime.combine(date_of(day), datetime.min.time(), zone)
    return int(local.timestamp())


def first_day(day: int, unit: Unit) -> int:
    """Of the unit in which a day lies.

    >>> first_day(5, "week"), first_day(45, "month"), first_day(364, "year")
    (4, 31, 0)
    """
    there = EPOCH + timedelta(days=day)
    if unit == "week":
        return day - there.weekday()
    if unit == "month":
        there = there.replace(day=1)
    elif unit == "year":
        there = there.replace(month=1, day=1)
    return (there - EPOCH).days


def next_day(first: int, unit: Unit) -> int:
    """The first day of the unit after the one that begins with `first`."""
    longest = {"day": 1, "week": 7, "month": 31, "year": 366}[unit]
    return first_day(first + longest, unit)


def period_at(moment: float, unit: Unit, zone: ZoneInfo) -> Period:
    """The unit in which a moment lies."""
    first = first_day(day_of(moment, zone), unit)
    return Period(first, start_of(first, zone), start_of(next_day(first, unit), zone))


def periods(since: float, until: float, unit: Unit, zone: ZoneInfo) -> Iterator[Period]:
    """Every unit that has a part in [since, until), whole."""
    period = period_at(since, unit, zone)
    while period.since < until:
        yield period
        first = next_day(period.first_day, unit)
        period = Period(first, period.until, start_of(next_day(first, unit), zone))


def _offset(moment: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _change(early: int, late: int, zone: ZoneInfo) -> int:
    """The second at which the offset changes, which it does once in between."""
    before = _offset(early, zone)
    while late - early > 1:
        middle = (early + late) // 2
        if _offset(middle, zone) == before:
            early = middle
        else:
            late = middle
    return late
