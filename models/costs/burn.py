"""A bucket over its month: spent by each day, the even line to the cap, and how it may go on."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.costs.course import Ahead
from models.costs.periods import day_of, start_of
from models.costs.projection import HISTORY_DAYS, Day, Projection, project
from models.costs.shapes import NOTHING, Bucket

MICRO = 1_000_000
HISTORY_BEFORE_DAYS = 2 * HISTORY_DAYS
"""So many days before the month are asked for; two months make a projection learned."""


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


class BurnDown(NamedTuple):
    """`cap_on` says when the cap is reached: early, in the middle, late; None: not in this period.

    `ahead` is empty while too little is known; `learning`: the band is still narrow beyond what is
    known.
    """

    bucket: Bucket
    points: tuple[BurnPoint, ...]
    ahead: tuple[BandPoint, ...]
    cap_on: tuple[int | None, int | None, int | None]
    learning: bool


def burn_down(bucket: Bucket, days: Mapping[int, DaySpent], now: float, zone: ZoneInfo) -> BurnDown:
    """`days` are by local day, also of before the period.

    What is booked (servers, fixed items) is no guide to the days ahead: it is spent or reserved.
    """
    first, today = day_of(bucket.start, zone), day_of(now, zone)
    last = day_of(bucket.end - 1, zone)
    points, total, unverified = [], NOTHING, NOTHING
    for day in range(first, last + 1):
        its = days.get(day, DaySpent(NOTHING))
        total, unverified = total + its.won, unverified + its.unverified_won
        until = min(start_of(day + 1, zone), int(bucket.end))
        at = min(until, int(now)) if day == today else until
        spent = total if day <= today else None
        points.append(BurnPoint(day, at, spent, even_line(bucket, at), unverified))
    varying = {day: its.varying_won for day, its in days.items()}
    projection = project(whole_days(varying, today), _rest(bucket, total, (today, last), now, zone))
    return BurnDown(
        bucket,
        tuple(points),
        _ahead(projection, bucket, zone),
        _cap_moments(projection, zone),
        projection is None or projection.learning,
    )


def even_line(bucket: Bucket, at: float) -> Decimal:
    """What may be spent by then if the cap is to last evenly."""
    part = Decimal(int(at - bucket.start)) / Decimal(int(bucket.end - bucket.start))
    return bucket.cap_won * min(max(part, NOTHING), Decimal(1))


def micro_of(won: Decimal) -> int:
    """Whole micro-won; a store's decimal has no finer part.

    >>> micro_of(Decimal("1.000001"))
    1000001
    """
    return int((won * MICRO).to_integral_value(ROUND_CEILING))


def whole_days(varying: Mapping[int, Decimal], today: int) -> Sequence[Day]:
    """Every day since the first call, those without a call too; what was booked is no call."""
    known = [day for day, won in varying.items() if day < today and won]
    if not known:
        return []
    return [Day(day, micro_of(varying.get(day, NOTHING))) for day in range(min(known), today)]


def _rest(
    bucket: Bucket, spent: Decimal, days: tuple[int, int], now: float, zone: ZoneInfo
) -> Ahead:
    today, last = days
    ends = start_of(today + 1, zone)
    left = max(ends - now, 0) / (ends - start_of(today, zone))
    return Ahead(
        today,
        int(left * MICRO),
        last,
        # What the ledger says; the calls that the store has may be some seconds older.
        micro_of(max(bucket.spent_won, spent)),
        micro_of(bucket.open_won),
        micro_of(bucket.cap_won),
    )


def _ahead(projection: Projection | None, bucket: Bucket, zone: ZoneInfo) -> tuple[BandPoint, ...]:
    if projection is None:
        return ()
    return tuple(
        BandPoint(
            band.number,
            min(start_of(band.number + 1, zone), int(bucket.end)),
            *(Decimal(micro).scaleb(-6) for micro in band[1:]),
        )
        for band in projection.days
    )


def _cap_moments(
    projection: Projection | None, zone: ZoneInfo
) -> tuple[int | None, int | None, int | None]:
    """The beginnings of the days on which the cap is reached."""
    if projection is None:
        return None, None, None
    early, middle, late = (
        None if day is None else start_of(day, zone) for day in projection.cap_days
    )
    return early, middle, late
