"""Silence: a workflow that has not run for N times its usual gap.

How often it runs is learned for each hour of the week, so time in which it never runs does not
count: on Sunday nothing is missing from what runs on weekdays. Time is measured in runs that
should have been. The pauses of the history, measured the same way, say what is usual: each by what
the other weeks let expect, so that what comes at any time is not taken for a habit.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from models.messages import Message, say

HOUR_SECONDS = 3600
QUARTER_SECONDS = 900
DAY_SECONDS = 86_400
WEEK_SECONDS = 7 * DAY_SECONDS
HOURS_OF_WEEK = 168
LATEST_PAUSES = 5
WEEKS_MIN = 3
"""Before that no week is an ordinary one: the longest pause of all counts."""

SLACK = 0.01
"""Expected runs; what two sums of the same rates may differ by."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`factor` is N. A shorter silence than `floor_seconds` is none: polls take their time."""

    factor: float = 3.0
    floor_seconds: float = 300.0
    runs_min: int = 4
    span_min_seconds: float = 3 * DAY_SECONDS


class Calendar:
    """Hours of the week in a zone; remembers them, since the zone's rules cost more than all else.

    Every zone's offset is a multiple of a quarter of an hour.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._hours: dict[int, int] = {}

    def hour(self, quarter: int) -> int:
        """0 is Monday 0:00; `quarter` counts quarters of an hour since 1970 in UTC."""
        known = self._hours.get(quarter)
        if known is None:
            local = datetime.fromtimestamp(quarter * QUARTER_SECONDS, UTC).astimezone(self._zone)
            known = self._hours[quarter] = local.weekday() * 24 + local.hour
            if len(self._hours) > 8 * WEEK_SECONDS // QUARTER_SECONDS:
                self._hours.clear()
        return known


class Habit(NamedTuple):
    """`rates`: runs a second in each hour of the week, 0 where that hour was never seen.

    `usual`: how many runs seem to be missing in its longest ordinary pause, at least 1.
    """

    rates: tuple[float, ...]
    usual: float
    runs: int
    span_seconds: float


class Expectation(NamedTuple):
    """What follows from the last run: the usual time to the next one at that time of the week, and
    the moment from which it is silent. None where no run is expected within weeks.
    """

    last_run_at: float
    gap_seconds: float | None
    silent_from: float | None


def learn(starts: Sequence[float], calendar: Calendar, rule: Rule) -> Habit | Message:
    """The habit in the starts of at most five weeks (sorted); a message where they are too few."""
    span = starts[-1] - starts[0] if starts else 0.0
    if len(starts) < rule.runs_min or span < rule.span_min_seconds:
        return say(
            "too little history: {runs} runs in {days} days; needed are {runs_min} in {days_min}",
            runs=len(starts),
            days=round(span / DAY_SECONDS, 1),
            runs_min=rule.runs_min,
            days_min=round(rule.span_min_seconds / DAY_SECONDS, 1),
        )
    seen = _Seen(starts, calendar)
    return Habit(seen.rates(), _usual(starts, seen), len(starts), span)


def expect(habit: Habit, last_run_at: float, calendar: Calendar, rule: Rule) -> Expectation:
    """What to expect after a run; it stays true until the next one, or until more was learned."""
    next_at = _when(habit, last_run_at, habit.usual, calendar)
    silent_from = _when(habit, last_run_at, rule.factor * habit.usual, calendar)
    return Expectation(
        last_run_at,
        None if next_at is None else next_at - last_run_at,
        None if silent_from is None else max(silent_from, last_run_at + rule.floor_seconds),
    )


def _when(habit: Habit, since: float, missing: float, calendar: Calendar) -> float | None:
    """When more than `missing` runs should have been since then; None where none are expected."""
    left = missing + SLACK
    at = since
    end = since + 6 * WEEK_SECONDS
    while at < end:
        quarter = int(at // QUARTER_SECONDS)
        until = (quarter + 1) * QUARTER_SECONDS
        rate = habit.rates[calendar.hour(quarter)]
        expected = rate * (until - at)
        if expected >= left > 0:
            return at + left / rate
        left -= expected
        at = until
    return None


class _Seen:
    """Runs and seconds in each hour of the week, week by week back from the last start.

    A cell is an hour of one week: its week times 168 plus its hour of the week.
    """

    def __init__(self, starts: Sequence[float], calendar: Calendar) -> None:
        quarters = _quarters(starts)
        self.first_quarter = quarters.start
        self.cells = [
            (quarters.stop - 1 - quarter) * QUARTER_SECONDS // WEEK_SECONDS * HOURS_OF_WEEK
            + calendar.hour(quarter)
            for quarter in quarters
        ]
        self._runs = [0] * (max(self.cells) + HOURS_OF_WEEK)
        self._seconds = list(self._runs)
        for cell in self.cells:
            self._seconds[cell] += QUARTER_SECONDS
        for start in starts:
            self._runs[self.cells[self.place(start)]] += 1

    def place(self, at: float) -> int:
        """Which of the cells."""
        return int(at // QUARTER_SECONDS) - self.first_quarter

    def week(self, at: float) -> int:
        """0 is the last one."""
        return self.cells[self.place(at)] // HOURS_OF_WEEK

    def rates(self) -> tuple[float, ...]:
        """Runs a second in each hour of the week."""
        runs, seconds = _by_hour(self._runs), _by_hour(self._seconds)
        return tuple(_rate(runs[hour], seconds[hour]) for hour in range(HOURS_OF_WEEK))

    def rates_of_others(self) -> dict[int, float]:
        """The same for each week out of the others; of the same hour of other days in the first."""
        runs, seconds = _by_hour(self._runs), _by_hour(self._seconds)
        day_runs, day_seconds = _by_day_hour(runs), _by_day_hour(seconds)
        rates = {}
        for cell in set(self.cells):
            hour = cell % HOURS_OF_WEEK
            own_runs, own_seconds = self._runs[cell], self._seconds[cell]
            other_runs, other_seconds = runs[hour] - own_runs, seconds[hour] - own_seconds
            if not other_seconds:
                other_runs = day_runs[hour % 24] - own_runs
                other_seconds = day_seconds[hour % 24] - own_seconds
            rates[cell] = _rate(other_runs, other_seconds)
        return rates


def _by_hour(counts: Sequence[int]) -> list[int]:
    return [sum(counts[hour::HOURS_OF_WEEK]) for hour in range(HOURS_OF_WEEK)]


def _by_day_hour(sums: Sequence[int]) -> list[int]:
    return [sum(sums[hour::24]) for hour in range(24)]


def _rate(runs: int, seconds: int) -> float:
    return runs / seconds if seconds else 0.0


def _quarters(starts: Sequence[float]) -> range:
    """Quarters of an hour from the hour of the first start to the end of the last one's hour.

    Whole hours: half of one would make a run a day look like two.
    """
    first = int(starts[0] // HOUR_SECONDS) * 4
    last = (int(starts[-1] // HOUR_SECONDS) + 1) * 4
    return range(first, last)


def _usual(starts: Sequence[float], seen: _Seen) -> float:
    """The longest pause of an ordinary week, or what the last few pauses have become."""
    rates = seen.rates_of_others()
    passed = array("d", [0.0])
    for cell in seen.cells:
        passed.append(passed[-1] + rates[cell] * QUARTER_SECONDS)
    marks = [_passed_at(start, passed, seen.first_quarter) for start in starts]
    pauses = [after - before for before, after in pairwise(marks)]
    longest: dict[int, float] = {}
    for start, pause in zip(starts[1:], pauses, strict=True):
        week = seen.week(start)
        longest[week] = max(longest.get(week, 0.0), pause)
    latest = sorted(pauses[-LATEST_PAUSES:])[-2:][0]
    ordinary = median(longest.values()) if len(longest) >= WEEKS_MIN else max(longest.values())
    return max(1.0, ordinary, latest)


def _passed_at(at: float, passed: Sequence[float], first_quarter: int) -> float:
    place, rest = divmod(at - first_quarter * QUARTER_SECONDS, QUARTER_SECONDS)
    number = int(place)
    return passed[number] + (passed[number + 1] - passed[number]) * rest / QUARTER_SECONDS
