"""What a replay came to, as the page shows it."""

from collections.abc import Sequence
from typing import NamedTuple

from models.demand.shapes import Measured
from models.scaling.jobs import JobPolicy, run_jobs
from models.scaling.month import WEEK_DAYS, Band, Money, cap_at, month_band, within_cap
from models.scaling.rules import Rules
from models.scaling.simulate import Run, Trace

MINUTE_SECONDS = 60
DAY_MINUTES = 1_440
SHOWN_MINUTES = 5


Week = tuple[Measured, bool]
"""Steps of five minutes, and whether they are counts of what came."""


class Outcome(NamedTuple):
    """Of seven days: `won_micro` of machines. `month`: what its budget will have spent by the end
    of the month, with what is committed already. `late`: jobs that were done later than they came
    (of rare work: than they may); `over_percent` of all demand; None where it cannot be told.

    `cap_at`: when the budget lets no further machine, None: not this month. `counts`: machines paid
    for, the most of each five minutes.
    """

    instance_hours: float
    won_micro: int
    month: Band
    late: float | None
    over_percent: float | None
    events: int
    cap_at: float | None
    counts: tuple[int, ...]


def outcome_of(found: Run, money: Money, late: float | None) -> Outcome:
    first = None if found.spent_at is None else found.spent_at - found.begin
    days = days_of(found.counts, found.won_micro)
    return Outcome(
        instance_hours=found.instance_hours,
        won_micro=found.won_micro,
        month=_month(days, money),
        late=late,
        over_percent=100 * found.over_share,
        events=found.events,
        cap_at=_cap_at(first, days, money),
        counts=_shown(found.counts),
    )


def outcome_of_jobs(week: Week, rules: Rules, policy: JobPolicy, money: Money) -> Outcome:
    """Of rare work, job by job."""
    arrivals = arrivals_of(*week)
    left = None if money.cap_micro is None else money.cap_micro - money.committed_micro
    found = run_jobs(arrivals, rules, policy, week[0].end_at - week[0].start_at, left)
    days = days_of(found.counts, found.won_micro)
    return Outcome(
        instance_hours=found.machine_hours,
        won_micro=found.won_micro,
        month=_month(days, money),
        late=float(found.late),
        over_percent=None,
        events=found.starts,
        cap_at=_cap_at(found.spent_at and found.spent_at // MINUTE_SECONDS, days, money),
        counts=_shown(found.counts),
    )


def outcome_of_work(week: Week, rules: Rules, money: Money) -> Outcome:
    """Of rare work, if only the time at work were paid: the least there can be."""
    counts = [0] * ((week[0].end_at - week[0].start_at) // MINUTE_SECONDS)
    seconds = [0.0] * (len(counts) // DAY_MINUTES + 1)
    for at in arrivals_of(*week):
        counts[int(at) // MINUTE_SECONDS] += 1
        seconds[int(at) // MINUTE_SECONDS // DAY_MINUTES] += rules.job_seconds
    days = [int(each) * (rules.hour_micro or 0) // 3_600 for each in seconds][:WEEK_DAYS]
    return Outcome(
        instance_hours=sum(seconds) / 3_600,
        won_micro=sum(days),
        month=_month(days, money),
        late=0.0,
        over_percent=None,
        events=0,
        cap_at=_cap_at(None, days, money),
        counts=_shown([min(each, 1) for each in counts]),
    )


def late_of(trace: Trace, rules: Rules, ready: Sequence[int]) -> float:
    """Jobs that could not be begun in the minute in which they came, waiting ones before them.

    Demand is counted in jobs of five minutes.
    """
    late = waiting = 0.0
    for demand, count in zip(trace.demand[trace.begin : trace.end], ready, strict=True):
        waiting = max(waiting + demand - count * rules.capacity, 0.0)
        late += min(waiting, demand)
    return late / SHOWN_MINUTES


def arrivals_of(week: Measured, is_count: bool) -> list[float]:
    """When each job came, in seconds from the first step: evenly within it.

    Of a level, such as a queue, what it rose by. Parts of jobs add up.
    """
    arrivals, rest, before = [], 0.0, None
    for place, value in enumerate(week.values):
        if value is None:
            before = None
            continue
        came = value if is_count else max(value - (value if before is None else before), 0.0)
        before = value
        rest += came
        number = int(rest + 1e-9)
        rest -= number
        arrivals += [(place + each / number) * week.step_seconds for each in range(number)]
    return arrivals


def days_of(counts: Sequence[int], won_micro: int) -> list[int]:
    """What each day cost, by the time its machines were there; the last may be short."""
    days = [sum(counts[at : at + DAY_MINUTES]) for at in range(0, len(counts), DAY_MINUTES)]
    total = sum(days)
    return [won_micro * each // total if total else 0 for each in days[:WEEK_DAYS]]


def _month(days: Sequence[int], money: Money) -> Band:
    return within_cap(month_band(days, money.days_left), money)


def _cap_at(first: int | None, days: Sequence[int], money: Money) -> float | None:
    if first is None:
        return cap_at(days, money)
    at = float(money.now + first * MINUTE_SECONDS)
    return at if at < money.month_end else None


def _shown(counts: Sequence[int]) -> tuple[int, ...]:
    return tuple(
        max(counts[at : at + SHOWN_MINUTES]) for at in range(0, len(counts), SHOWN_MINUTES)
    )
