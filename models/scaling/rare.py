"""Rare work, a few jobs a day: when a machine is worth its start, and when it goes again.

It starts when enough jobs wait, or when the oldest could not be done in time otherwise; works on
all that waits; and stays until the time it is paid for is almost over, since more may come.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from models.scaling.rules import Rules

MARGIN_SECONDS = 60.0
"""A job is started so much earlier than it would have to be."""
RETURN_SECONDS = 180.0
"""A machine is returned when it is paid for no longer than this: what is asked of a provider now
is done by then.
"""

AGES_MAX = 60

RareTerm = Literal[
    "held", "idle", "wait", "batch", "due", "works", "more", "paid", "back", "allowed"
]


class Queue(NamedTuple):
    """How long jobs have waited, in seconds, oldest first; how many are being done; and how many
    wait besides, all younger than those (`AGES_MAX` ages are enough to decide).
    """

    ages: Sequence[float]
    running: int = 0
    younger: int = 0

    @property
    def waiting(self) -> int:
        return len(self.ages) + self.younger


class RareNow(NamedTuple):
    """`queue` is None where it is not known what waits. `paid_seconds`: of each machine."""

    at: float
    queue: Queue | None
    ready: int
    pending: int
    allowed: int
    paid_seconds: Sequence[float] = ()

    @property
    def there(self) -> int:
        return self.ready + self.pending


class RareDecision(NamedTuple):
    """`need`: what demand asks for. `slack_seconds`: how long a start may wait; None: for ever."""

    wanted: int
    need: int
    term: RareTerm
    slack_seconds: float | None


def decide_rare(rules: Rules, now: RareNow) -> RareDecision:
    """Within settings and budget.

    >>> gpu = Rules("gpu", batch_jobs=5, deadline_seconds=3600, job_seconds=300)
    >>> decide_rare(gpu, RareNow(0.0, Queue([600.0]), 0, 0, allowed=1)).slack_seconds
    2460.0
    >>> decide_rare(gpu, RareNow(0.0, Queue([3200.0]), 0, 0, allowed=1)).wanted
    1
    """
    most = max(min(now.allowed, rules.instances_max), 0)
    if now.queue is None:
        return RareDecision(min(now.there, most), now.there, "held", None)
    slack = slack_of(rules, now.queue)
    need, term = _need(rules, now, now.queue, slack)
    need = max(need, rules.instances_min)
    return RareDecision(min(need, most), need, "allowed" if need > most else term, slack)


def slack_of(
    rules: Rules, queue: Queue, count: int = 1, start_seconds: float | None = None
) -> float | None:
    """How long so many machines may still be off, that all that waits is done in time."""
    if not rules.deadline_seconds or not queue.ages:
        return None
    start = rules.start_seconds if start_seconds is None else start_seconds
    left = rules.deadline_seconds - start - MARGIN_SECONDS
    return min(
        left - age - (place // count + 1) * rules.job_seconds
        for place, age in enumerate(queue.ages)
    )


def queue_of(waiting: int, oldest_seconds: float, running: int = 0) -> Queue:
    """Where only the age of the oldest is known, all count as being as old."""
    known = min(waiting, AGES_MAX)
    return Queue((oldest_seconds,) * known, running, waiting - known)


def _need(rules: Rules, now: RareNow, queue: Queue, slack: float | None) -> tuple[int, RareTerm]:
    if now.there:
        return _with_machines(rules, now, queue)
    if not queue.waiting:
        return 0, "idle"
    if slack is not None and slack <= 0:
        return _in_time(rules, queue, 0), "due"
    if queue.waiting >= rules.batch_jobs:
        return _in_time(rules, queue, 0), "batch"
    return 0, "wait"


def _with_machines(rules: Rules, now: RareNow, queue: Queue) -> tuple[int, RareTerm]:
    if queue.waiting:
        number = _in_time(rules, queue, now.there)
        return (number, "more") if number > now.there else (now.there, "works")
    idle = max(now.there - queue.running, 0)
    over = sum(seconds <= RETURN_SECONDS for seconds in now.paid_seconds)
    gone = min(idle, over if now.paid_seconds else idle)
    if gone:
        return now.there - gone, "back"
    return now.there, "paid" if idle else "works"


def _in_time(rules: Rules, queue: Queue, there: int) -> int:
    """The fewest with which all is done in time that still can be; else as many as can be of use.

    What is there may be ready at any moment, what is not needs its time to start.
    """
    soonest = rules.deadline_seconds - rules.job_seconds
    hopeful = [age for age in queue.ages if age <= soonest - (0 if there else rules.start_seconds)]
    for number in range(max(there, 1), rules.instances_max + 1):
        start = 0.0 if number <= there else rules.start_seconds
        slack = slack_of(rules, Queue(hopeful), number, start)
        if slack is None or slack >= -2 * MARGIN_SECONDS:
            return number
    return max(min(rules.instances_max, there + queue.waiting), there, 1)
