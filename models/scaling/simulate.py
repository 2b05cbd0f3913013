"""Days of demand, minute by minute, under a policy: the rules of forecasting.md, 8.2.

Plain Python, since the sliders of the page and the benchmark replay the very decisions of the
agent: seven days take a fraction of a second.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from models.scaling.decide import whole
from models.scaling.fleet import MINUTE_SECONDS, Fleet
from models.scaling.rules import Rules

START_UTILIZATION = 0.7
"""Of what is ready when it begins."""
LOOK_MINUTES = 5
"""What is charged is added up so often."""


class Trace(NamedTuple):
    """Demand of each minute; `begin` to `end` are replayed, what is before is known.

    `start_at` is the moment of the first minute, in UTC epoch seconds.
    """

    demand: Sequence[float]
    begin: int
    end: int
    start_at: int = 0


class Purse(NamedTuple):
    """`left_micro` when it begins; at the minute `renews_at` it is `cap_micro` instead."""

    left_micro: int
    cap_micro: int
    renews_at: int | None = None


class View(NamedTuple):
    """What a policy may know at the beginning of a minute: the demand of those before it."""

    minute: int
    demand: Sequence[float]
    ready: int
    pending: int
    allowed: int
    paid_seconds: tuple[float, ...]

    @property
    def load(self) -> float:
        return self.demand[self.minute - 1]


Policy = Callable[[View], int]
"""How many machines it wants, what it holds included; see `models/scaling/policies.py`."""


class Run(NamedTuple):
    """What came of it. `over` is the demand above what was ready, in units times minutes.

    From the minute `begin` on, `counts` are the machines paid for, `ready` those that worked;
    `spent_at` is the first minute at which the money let no more, `left_micro` what is left of it
    in the end.
    """

    begin: int
    instance_hours: float
    charged_seconds: int
    won_micro: int
    demand: float
    over: float
    over_minutes: int
    events: int
    counts: tuple[int, ...]
    ready: tuple[int, ...]
    spent_at: int | None
    left_micro: int | None

    @property
    def over_share(self) -> float:
        return self.over / self.demand if self.demand > 0 else 0.0


def run(trace: Trace, rules: Rules, policy: Policy, purse: Purse | None = None) -> Run:
    """`begin` must be at least 1. The number stays within the settings, and within the money."""
    replay = _Replay(trace, rules, purse)
    for minute in range(trace.begin, trace.end):
        replay.minute(minute, policy)
    return replay.result()


class _Replay:
    def __init__(self, trace: Trace, rules: Rules, purse: Purse | None) -> None:
        self.trace, self.rules, self.purse = trace, rules, purse
        first = whole(trace.demand[trace.begin - 1] / rules.capacity / START_UTILIZATION)
        self.fleet = Fleet(rules, trace.begin, self._within(max(first, rules.instances_min)))
        self.is_stepped = rules.increment_seconds > MINUTE_SECONDS
        self.counts: list[int] = []
        self.ready: list[int] = []
        self.over, self.over_minutes, self.events = 0.0, 0, 0
        self.spent_at: int | None = None
        self.allowed = rules.instances_max
        self.charged_before: int | None = None
        self.left_micro = None if purse is None else purse.left_micro

    def minute(self, minute: int, policy: Policy) -> None:
        fleet = self.fleet
        fleet.wake(minute)
        if self.purse is not None and (minute - self.trace.begin) % LOOK_MINUTES == 0:
            self.allowed = self._allowed(minute, self.purse)
        view = View(
            minute,
            self.trace.demand,
            fleet.ready,
            fleet.pending,
            self.allowed,
            fleet.paid_seconds(minute) if self.is_stepped else (),
        )
        wanted, there = policy(view), view.ready + view.pending
        if wanted != there or there > self.allowed:
            wanted = min(self._within(wanted), self.allowed)
        if wanted > there:
            fleet.order(wanted - there, minute)
            self.events += 1
        elif wanted < there:
            fleet.let_go(there - wanted, minute)
            self.events += 1
        ready = fleet.ready
        self.counts.append(ready + fleet.pending)
        self.ready.append(ready)
        over = self.trace.demand[minute] - ready * self.rules.capacity
        if over > 0:
            self.over += over
            self.over_minutes += 1

    def result(self) -> Run:
        charged = self.fleet.charged_seconds(self.trace.end)
        if self.purse is not None:
            self._allowed(self.trace.end, self.purse)
        return Run(
            begin=self.trace.begin,
            instance_hours=sum(self.counts) / 60,
            charged_seconds=charged,
            won_micro=self._won(charged),
            demand=sum(self.trace.demand[self.trace.begin : self.trace.end]),
            over=self.over,
            over_minutes=self.over_minutes,
            events=self.events,
            counts=tuple(self.counts),
            ready=tuple(self.ready),
            spent_at=self.spent_at,
            left_micro=self.left_micro,
        )

    def _within(self, number: int) -> int:
        return max(min(number, self.rules.instances_max), self.rules.instances_min)

    def _won(self, seconds: int) -> int:
        return -(-seconds * (self.rules.hour_micro or 0) // 3_600)

    def _allowed(self, minute: int, purse: Purse) -> int:
        """What is left pays for so many more leases; those that run must be paid for as well."""
        charged = self._won(self.fleet.charged_seconds(minute))
        if purse.renews_at is not None and minute >= purse.renews_at:
            if self.charged_before is None:
                self.charged_before = charged
            self.left_micro = purse.cap_micro - (charged - self.charged_before)
        else:
            self.left_micro = purse.left_micro - charged
        lease = self._won(max(self.rules.increment_seconds, 3_600))
        if not lease:
            return self.rules.instances_max
        if self.left_micro < lease and self.spent_at is None:
            self.spent_at = minute
        paid = self.fleet.paid_seconds(minute) if self.is_stepped else ()
        return max(self.left_micro // lease, 0) + sum(each >= MINUTE_SECONDS for each in paid)
