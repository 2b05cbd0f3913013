"""Hours in which nobody wants to be woken, and the days of the house; both in its own zone."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class QuietHours(NamedTuple):
    """From `start` to `end` of each day, as clocks in the house show it; over midnight too."""

    start: time
    end: time

    def contains(self, moment: time) -> bool:
        """Where both are the same, none is quiet.

        >>> night = QuietHours(time(22), time(7))
        >>> night.contains(time(23)), night.contains(time(6, 59)), night.contains(time(7))
        (True, True, False)
        """
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def clock_time(text: str) -> time:
    """Of "22:00". Raises ValueError.

    >>> clock_time("07:30")
    datetime.time(7, 30)
    """
    found = CLOCK_TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return time(int(found.group(1)), int(found.group(2)))


def is_quiet(hours: QuietHours | None, now: float, zone: ZoneInfo) -> bool:
    """`now` is UTC epoch seconds.

    >>> night = QuietHours(time(22), time(7))
    >>> is_quiet(night, datetime(2026, 11, 17, 14, tzinfo=UTC).timestamp(), ZoneInfo("Asia/Seoul"))
    True
    """
    return hours is not None and hours.contains(datetime.fromtimestamp(now, zone).time())


def day_start(now: float, zone: ZoneInfo) -> float:
    """When the day of the house began, in UTC epoch seconds."""
    today = datetime.fromtimestamp(now, zone).date()
    return datetime.combine(today, time(), zone).astimezone(UTC).timestamp()


def week_of(now: float, zone: ZoneInfo, weekday: int, hour: int) -> str | None:
    """The week whose day and hour have come, None before them. Monday is 0.

    For the whole rest of the week, so that what slept at that hour makes up for it.

    >>> at = datetime(2026, 11, 17, 0, 30, tzinfo=UTC).timestamp()
    >>> week_of(at, ZoneInfo("Asia/Seoul"), 1, 9), week_of(at, ZoneInfo("Asia/Seoul"), 1, 10)
    ('2026-W47', None)
    """
    local = datetime.fromtimestamp(now, zone)
    year, week, _day = local.isocalendar()
    monday = local.date() - timedelta(days=local.weekday())
    due = datetime.combine(monday + timedelta(days=weekday), time(hour), zone)
    return f"{year}-W{week:02d}" if local >= due else None
