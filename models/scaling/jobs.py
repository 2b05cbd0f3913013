"""Rare work replayed: single jobs that come, wait, and are done one after another by each machine.

Steps of a minute; a machine does one job at a time. Seconds count from the beginning of the replay.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from models.scaling.rare import AGES_MAX, Queue, RareNow, decide_rare
from models.scaling.rules import Rules

STEP_SECONDS = 60

JobPolicy = Callable[[RareNow], int]


class JobsRun(NamedTuple):
    """`late` are jobs that were not done in time, those that still wait too long included."""

    machine_hours: float
    won_micro: int
    starts: int
    jobs: int
    late: int
    waited_seconds_mean: float
    counts: tuple[int, ...]
    spent_at: int | None


@dataclass(slots=True)
class _Machine:
    since: int
    ready_at: float
    busy_until: float = 0.0


def run_jobs(
    arrivals: Sequence[float],
    rules: Rules,
    policy: JobPolicy,
    end_seconds: int,
    left_micro: int | None = None,
) -> JobsRun:
    """`arrivals`: when each job comes, in order. `left_micro`: what there is to spend."""
    replay = _Jobs(arrivals, rules, left_micro)
    at = 0
    while at < end_seconds:
        replay.step(at, policy)
        at = replay.rest(at + STEP_SECONDS, end_seconds)
    return replay.result(end_seconds)


def rare(rules: Rules) -> JobPolicy:
    """Ours, as the agent decides it."""
    return lambda now: decide_rare(rules, now).wanted


def always(number: int = 1) -> JobPolicy:
    """So many stay on."""
    return lambda _: number


def per_job(rules: Rules) -> JobPolicy:
    """On as soon as a job waits, off as soon as none does: what a simple script does."""

    def policy(now: RareNow) -> int:
        queue = now.queue or Queue(())
        busy = queue.waiting + queue.running
        return min(busy, rules.instances_max)

    return policy


class _Jobs:
    def __init__(self, arrivals: Sequence[float], rules: Rules, left_micro: int | None) -> None:
        self.rules, self.left_micro = rules, left_micro
        self.coming, self.waiting = deque(arrivals), deque[float]()
        self.machines: list[_Machine] = []
        self.finished_steps = self.starts = self.jobs = self.late = 0
        self.waited, self.minutes = 0.0, 0
        self.counts: list[int] = []
        self.spent_at: int | None = None

    def step(self, at: int, policy: JobPolicy) -> None:
        while self.coming and self.coming[0] <= at:
            self.waiting.append(self.coming.popleft())
        self._work(at)
        seen = self._seen(at)
        wanted = max(min(policy(seen), seen.allowed), 0)
        for _ in range(wanted - len(self.machines)):
            self.machines.append(_Machine(at, at + self.rules.start_seconds))
            self.starts += 1
        self._let_go(len(self.machines) - wanted, at)
        self.minutes += len(self.machines)
        self.counts.append(len(self.machines))

    def rest(self, at: int, end: int) -> int:
        """Where nothing is there, waits or is wanted, nothing happens until the next job comes."""
        if self.machines or self.waiting:
            return at
        coming = self.coming[0] if self.coming else float(end)
        steps = max(-(-int(min(coming, end) - at) // STEP_SECONDS), 0)
        self.counts += [0] * steps
        return at + steps * STEP_SECONDS

    def result(self, end: int) -> JobsRun:
        too_old = sum(self._is_late(end - since) for since in self.waiting)
        return JobsRun(
            machine_hours=self.minutes / 60,
            won_micro=self._won(end),
            starts=self.starts,
            jobs=self.jobs + len(self.waiting),
            late=self.late + too_old,
            waited_seconds_mean=self.waited / self.jobs if self.jobs else 0.0,
            counts=tuple(self.counts),
            spent_at=self.spent_at,
        )

    def _work(self, at: int) -> None:
        """Whoever is free takes the oldest, at the second in which he became so."""
        for machine in sorted(self.machines, key=lambda each: each.busy_until):
            while self.waiting and max(machine.busy_until, machine.ready_at) <= at:
                came = self.waiting.popleft()
                begins = max(machine.busy_until, machine.ready_at, came)
                machine.busy_until = begins + self.rules.job_seconds
                self.jobs += 1
                self.waited += begins - came
                self.late += self._is_late(machine.busy_until - came)

    def _is_late(self, seconds: float) -> bool:
        return 0 < self.rules.deadline_seconds < seconds

    def _seen(self, at: int) -> RareNow:
        ready = sum(each.ready_at <= at for each in self.machines)
        return RareNow(
            at=float(at),
            queue=Queue(
                tuple(at - came for came in islice(self.waiting, AGES_MAX)),
                sum(each.busy_until > at for each in self.machines),
                max(len(self.waiting) - AGES_MAX, 0),
            ),
            ready=ready,
            pending=len(self.machines) - ready,
            allowed=self._allowed(at),
            paid_seconds=tuple(self._paid(each, at) for each in self.machines),
        )

    def _paid(self, machine: _Machine, at: int) -> float:
        return float(-(at - machine.since) % self.rules.increment_seconds)

    def _let_go(self, number: int, at: int) -> None:
        """Only such as do nothing; those whose paid time ends first."""
        idle = [each for each in self.machines if each.busy_until <= at]
        idle.sort(key=lambda each: self._paid(each, at))
        for each in idle[: max(number, 0)]:
            self.machines.remove(each)
            self.finished_steps += self._steps(each, at)

    def _steps(self, machine: _Machine, at: int) -> int:
        return -(-(at - machine.since) // self.rules.increment_seconds)

    def _won(self, at: int) -> int:
        steps = self.finished_steps + sum(self._steps(each, at) for each in self.machines)
        return -(-steps * self.rules.increment_seconds * (self.rules.hour_micro or 0) // 3_600)

    def _allowed(self, at: int) -> int:
        lease = -(-max(self.rules.increment_seconds, 3_600) * (self.rules.hour_micro or 0) // 3_600)
        if self.left_micro is None or not lease:
            return self.rules.instances_max
        left = self.left_micro - self._won(at)
        if left < lease and self.spent_at is None:
            self.spent_at = at
        return max(len(self.machines) + left // lease, 0)
