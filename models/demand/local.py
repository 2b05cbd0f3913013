"""Hours and weekdays as the house has them: over a change of its clocks, too."""

from datetime import datetime
from zoneinfo import ZoneInfo


def hour_and_weekday(at: float, zone: str) -> tuple[int, int]:
    """The hour (0 to 23) and the weekday (Monday is 0) of a moment in a zone.

    >>> hour_and_weekday(0, "Asia/Seoul")
    (9, 3)
    """
    there = datetime.fromtimestamp(at, ZoneInfo(zone))
    return there.hour, there.weekday()


def offset_seconds(at: float, zone: str) -> int:
    """So much are the clocks of a zone ahead of UTC.

    >>> offset_seconds(0, "Asia/Seoul")
    32400
    """
    offset = datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
