"""A bucket over its month: spent by each day, the even line to the cap, and how it may go on."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from models.costs.burn_shapes import (
    NOTHING_KNOWN,
    BandPoint,
    BurnDown,
    BurnPoint,
    DaySpent,
    Known,
    Moments,
    Reached,
)
from models.costs.course import Ahead, Band, Days, reached, standing
from models.costs.left import Hourly
from models.costs.month_document import THRESHOLD_PERCENTS, MonthAsked, ahead_of
from models.costs.periods import day_of, start_of
from models.costs.projection import HISTORY_DAYS, Day, Projection, project, project_by
from models.costs.shapes import NOTHING, Bucket

MICRO = 1_000_000
HOUR_SECONDS, HOURS_A_DAY = 3_600, 24
HISTORY_BEFORE_DAYS = 2 * HISTORY_DAYS
"""So many days before the month are asked for: those that ways are tried out on, and some before.
"""


def burn_down(
    bucket: Bucket,
    days: Mapping[int, DaySpent],
    now: float,
    zone: ZoneInfo,
    known: Known = NOTHING_KNOWN,
) -> BurnDown:
    """`days` are by local day, also of before the period.

    What is booked (servers, fixed items) is no guide to the days ahead: it is spent or reserved,
    or the machine still runs.
    """
    points, total = _points(bucket, days, now, zone)
    varying = {day: its.varying_won for day, its in days.items()}
    rest = _rest(bucket, total, known.machines, now, zone)
    projection, fitted_at = _projection(whole_days(varying, rest.today), rest, bucket, known, now)
    bands = () if projection is None else projection.days
    return BurnDown(
        bucket,
        points,
        _ahead(bands, bucket, zone),
        _moments((None, None, None) if projection is None else projection.cap_days, zone),
        projection is None or projection.learning,
        _reached(bands, bucket, zone),
        _naive(bucket, now),
        None if projection is None else projection.course,
        fitted_at,
    )


def _projection(
    history: Sequence[Day], rest: Ahead, bucket: Bucket, known: Known, now: float
) -> tuple[Projection | None, int | None]:
    """By what the child fitted where that holds, else at once; and when it was fitted."""
    kept = known.kept
    if kept is not None and kept.holds(bucket.start, now):
        fitted = project_by(kept.course, rest)
        if fitted is not None:
            return fitted, kept.made_at
    found = project(history, rest)
    if found is None and rest.daily_micro and rest.last_day >= rest.today and not history:
        # Nothing varies, but it is known what comes.
        found = project_by(standing(rest.today, rest.last_day - rest.today + 1), rest)
    return found, None


def _points(
    bucket: Bucket, days: Mapping[int, DaySpent], now: float, zone: ZoneInfo
) -> tuple[tuple[BurnPoint, ...], Decimal]:
    """The course until now, and the sum of what was spent."""
    today = day_of(now, zone)
    points, total, unverified = [], NOTHING, NOTHING
    for day in range(day_of(bucket.start, zone), day_of(bucket.end - 1, zone) + 1):
        its = days.get(day, DaySpent(NOTHING))
        total, unverified = total + its.won, unverified + its.unverified_won
        until = min(start_of(day + 1, zone), int(bucket.end))
        at = min(until, int(now)) if day == today else until
        spent = total if day <= today else None
        points.append(BurnPoint(day, at, spent, even_line(bucket, at), unverified))
    return tuple(points), total


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
    bucket: Bucket, spent: Decimal, machines: Sequence[Hourly], now: float, zone: ZoneInfo
) -> Ahead:
    running = [
        (micro_of(each.won), max(now - each.runs_since, 0.0))
        for each in machines
        if each.runs_since is not None and bucket.bucket_id in each.buckets
    ]
    asked = MonthAsked(
        bucket.bucket_id,
        # What the ledger says; the calls that the store has may be some seconds older.
        spent_micro=micro_of(max(bucket.spent_won, spent)),
        # Hours of a day are booked when it is over.
        fixed_micro=micro_of(bucket.open_won)
        + sum(int(micro * seconds) // HOUR_SECONDS for micro, seconds in running),
        cap_micro=micro_of(bucket.cap_won),
        start_at=int(bucket.start),
        end_at=int(bucket.end),
    )
    daily = sum(micro for micro, _ in running) * HOURS_A_DAY
    return ahead_of(asked, now, zone)._replace(daily_micro=daily)


def _ahead(bands: Sequence[Band], bucket: Bucket, zone: ZoneInfo) -> tuple[BandPoint, ...]:
    return tuple(
        BandPoint(
            band.number,
            min(start_of(band.number + 1, zone), int(bucket.end)),
            *(Decimal(micro).scaleb(-6) for micro in band[1:]),
        )
        for band in bands
    )


def _reached(bands: Sequence[Band], bucket: Bucket, zone: ZoneInfo) -> tuple[Reached, ...]:
    lines = [(percent, bucket.cap_won * percent / 100) for percent in THRESHOLD_PERCENTS]
    return tuple(
        Reached(
            percent,
            won,
            _moments(reached(bands, micro_of(won)), zone),
            bucket.spent_won >= won,
        )
        for percent, won in lines
        if bands
    )


def _moments(days: Days, zone: ZoneInfo) -> Moments:
    """The beginnings of those days."""
    early, middle, late = (None if day is None else start_of(day, zone) for day in days)
    return early, middle, late


def _naive(bucket: Bucket, now: float) -> Decimal:
    """Spent at the same pace until the end."""
    gone = Decimal(int(now - bucket.start))
    whole = Decimal(int(bucket.end - bucket.start))
    return bucket.spent_won * whole / gone if 0 < gone < whole else bucket.spent_won
