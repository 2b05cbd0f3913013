"""Rare work, a few jobs a day: when a machine is worth its start, and when it goes again.

It starts when enough jobs wait, or when the oldest could not be done in time otherwise; works on
all that waits; and stays until the time it is paid for is almost over, since more may come.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from models.messages import Message, Value, say
from models.scaling.allowed import Allowed
from models.scaling.rules import Rules
from models.scaling.shapes import Plan
from models.scaling.words import machines, minutes

MARGIN_SECONDS = 60.0
"""A job is started so much earlier than it would have to be."""
RETURN_SECONDS = 180.0
"""A machine is returned when it is paid for no longer than this: what is asked of a provider now
is done by then.
"""

RareTerm = Literal[
    "held", "idle", "wait", "batch", "due", "works", "more", "paid", "back", "allowed"
]


class Queue(NamedTuple):
    """How long each job has waited, in seconds, oldest first; and how many are being done."""

    ages: Sequence[float]
    running: int = 0

    @property
    def waiting(self) -> int:
        return len(self.ages)


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


def rare_plan(rules: Rules, now: RareNow, allowed: Allowed) -> Plan:
    """The same with its sentence."""
    seen = now._replace(allowed=allowed.machines)
    found = decide_rare(rules, seen)
    return Plan(
        pool=rules.name,
        at=int(now.at),
        wanted=found.wanted,
        reactive=found.need,
        predicted=None,
        allowed=max(min(allowed.machines, rules.instances_max), 0),
        reason=_reason(rules, seen, found, allowed),
        inputs=_inputs(rules, seen, found, allowed),
    )


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
    return Queue((oldest_seconds,) * waiting, running)


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


_SENTENCES: Final[Mapping[RareTerm, Message]] = {
    "held": say("{wanted} as now: it is not known what waits"),
    "idle": say("{wanted}: nothing waits"),
    "wait": say("{wanted} yet: {waiting} of {batch} jobs wait; it starts {when}"),
    "batch": say("{wanted}: {waiting} jobs wait, and it starts at {batch}"),
    "due": say(
        "{wanted}: the oldest of {waiting} jobs waits for {age}, and start and work take {takes} "
        "of its {deadline}"
    ),
    "works": say("{wanted} as now: {waiting} jobs wait and {running} are being done"),
    "more": say("{wanted}: {waiting} jobs wait, and fewer would not do them within {deadline}"),
    "paid": say("{wanted} for now: nothing waits, but it is paid for {paid} more"),
    "back": say("{wanted}: nothing waits, and the time that is paid for is almost over"),
    "allowed": say("{wanted}, though {waiting} jobs wait: {why}"),
}
FULL = say("when there are so many")
FULL_OR_DUE = say("then, or in {slack} because of the oldest")


def _reason(rules: Rules, now: RareNow, found: RareDecision, allowed: Allowed) -> Message:
    queue = now.queue or Queue(())
    template = _SENTENCES[found.term].template
    slack = found.slack_seconds
    values: dict[str, Value] = {
        "wanted": machines(found.wanted),
        "waiting": queue.waiting,
        "running": queue.running,
        "batch": rules.batch_jobs,
        "age": minutes(max(queue.ages, default=0.0)),
        "takes": minutes(rules.start_seconds + rules.job_seconds * max(queue.waiting, 1)),
        "deadline": minutes(rules.deadline_seconds),
        "paid": minutes(min(now.paid_seconds, default=0.0)),
        "why": allowed.why,
        "when": FULL if slack is None else Message(FULL_OR_DUE.template, {"slack": minutes(slack)}),
    }
    used = {name: value for name, value in values.items() if f"{{{name}}}" in template}
    return Message(template, used)


def _inputs(rules: Rules, now: RareNow, found: RareDecision, allowed: Allowed) -> Mapping[str, Any]:
    queue = now.queue
    return {
        "waiting": None if queue is None else queue.waiting,
        "oldest_seconds": None if queue is None else max(queue.ages, default=0.0),
        "running": None if queue is None else queue.running,
        "ready": now.ready,
        "pending": now.pending,
        "batch_jobs": rules.batch_jobs,
        "deadline_seconds": rules.deadline_seconds,
        "job_seconds": rules.job_seconds,
        "start_seconds": rules.start_seconds,
        "hour_micro": rules.hour_micro,
        "slack_seconds": found.slack_seconds,
        "term": found.term,
        "allowed": allowed.machines,
        "allowed_why": allowed.why.as_json(),
    }
