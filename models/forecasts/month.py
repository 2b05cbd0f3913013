"""The won of a bucket to the end of its month: the work `month` of the child."""

from typing import Any
from zoneinfo import ZoneInfo

from models.costs.calibrating import course_of
from models.costs.month_document import MonthAsked, document_of
from models.costs.periods import day_of
from models.demand.shapes import Measured, Work

MICRO = 1_000_000
HALF_DAY_SECONDS = 43_200


def month_document(work: Work) -> dict[str, Any]:
    """JSON for the table month_forecasts; `course` is None where fewer than three days are known.

    `work.measured` are the won of calls of each local day (step 86,400 s, the first begins with a
    local day), `work.args` those of `MonthAsked`. Days that are not over yet are left out.
    Raises KeyError, TypeError and ValueError for args that are none.
    """
    zone = ZoneInfo(work.zone)
    period = MonthAsked.from_json(work.args)
    today = day_of(work.now, zone)
    amounts = whole_days_of(work.measured, today, zone)
    last_day = day_of(period.end_at - 1, zone)
    course = course_of(amounts, today, last_day - today + 1) if last_day >= today else None
    return document_of(period, course, work.now, work.zone)


def whole_days_of(measured: Measured, today: int, zone: ZoneInfo) -> list[int]:
    """Micro-won of each day from the first that cost anything to yesterday.

    A day of which nothing is known counts as the mean of the others.
    """
    first = day_of(measured.start_at + HALF_DAY_SECONDS, zone)
    won = list(measured.values[: max(today - first, 0)])
    begins = next((place for place, each in enumerate(won) if each), len(won))
    known = [each for each in won[begins:] if each is not None]
    if not known:
        return []
    mean = sum(known) / len(known)
    rest = max(today - first - len(won), 0)
    filled = [mean if each is None else each for each in won[begins:]] + [mean] * rest
    return [max(round(each * MICRO), 0) for each in filled]
