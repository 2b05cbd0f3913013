"""What the child says of a month and the store keeps: a course, and what followed when it was made.

The document is JSON; amounts in it are whole micro-won, moments UTC epoch seconds.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from models.costs.course import WHOLE_PPM, Ahead, Course, bands, reached
from models.costs.periods import day_of, start_of

OLDEST_SECONDS = 36 * 3_600
THRESHOLD_PERCENTS = (70, 80, 90, 95, 100)


class MonthAsked(NamedTuple):
    """Of a bucket, and what of it is spent and reserved. Named like the `args` of the work."""

    bucket_id: str
    spent_micro: int
    fixed_micro: int
    cap_micro: int
    start_at: int
    end_at: int

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "MonthAsked":
        bucket_id = str(shape["bucket_id"])
        return cls(bucket_id, *(int(shape[name]) for name in cls._fields[1:]))


class Kept(NamedTuple):
    """The newest document of a bucket, as far as it may be used again."""

    start_at: int
    end_at: int
    made_at: int
    course: Course

    def holds(self, start_at: float, now: float) -> bool:
        """Whether it is of that period, and not older than a day and a half."""
        return self.start_at == int(start_at) and 0 <= now - self.made_at <= OLDEST_SECONDS


def kept_from(document: Mapping[str, Any]) -> Kept | None:
    """None where it holds no course. Raises KeyError, TypeError, ValueError for what is none."""
    course = document.get("course")
    if course is None:
        return None
    start_at, end_at, made_at = (int(document[name]) for name in Kept._fields[:3])
    return Kept(start_at, end_at, made_at, Course.from_json(course))


def kept_of(text: str) -> Kept | None:
    """The same of JSON; what cannot be read is as none, for it is reckoned anew at once."""
    try:
        return kept_from(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def document_of(period: MonthAsked, course: Course | None, now: int, zone: str) -> dict[str, Any]:
    """`naive_micro` is what the pace until now would come to, and no more than that.

    `end` is the band of the last day; `reached` has the days of each threshold, early, in the
    middle and late.
    """
    found = () if course is None else bands(course, ahead_of(period, now, ZoneInfo(zone)))
    return {
        **period._asdict(),
        "made_at": now,
        "naive_micro": run_rate_micro(period, now),
        "course": None if course is None else course.as_json(),
        "end": list(found[-1][1:]) if found else None,
        "reached": {
            str(percent): list(reached(found, period.cap_micro * percent // 100))
            for percent in THRESHOLD_PERCENTS
        },
    }


def ahead_of(period: MonthAsked, now: float, zone: ZoneInfo) -> Ahead:
    """What is left of a period at a moment."""
    today = day_of(now, zone)
    begins, ends = start_of(today, zone), start_of(today + 1, zone)
    return Ahead(
        today=today,
        left_ppm=int(max(ends - now, 0) * WHOLE_PPM / (ends - begins)),
        last_day=day_of(period.end_at - 1, zone),
        spent_micro=period.spent_micro,
        fixed_micro=period.fixed_micro,
        cap_micro=period.cap_micro,
    )


def run_rate_micro(period: MonthAsked, now: float) -> int:
    """Spent at the same pace until the end; what is spent where the period has just begun."""
    gone = int(now) - period.start_at
    whole = period.end_at - period.start_at
    if gone <= 0 or gone >= whole:
        return period.spent_micro
    return period.spent_micro * whole // gone
