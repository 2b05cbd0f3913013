"""The plan of a pool for rare work, and the one sentence that says why."""

from collections.abc import Mapping
from typing import Any, Final

from models.messages import Message, Value, say
from models.scaling.allowed import Allowed
from models.scaling.rare import Queue, RareDecision, RareNow, RareTerm, decide_rare
from models.scaling.rules import Rules
from models.scaling.shapes import Plan
from models.scaling.words import jobs, machines, minutes, used

_SENTENCES: Final[Mapping[RareTerm, Message]] = {
    "held": say("{wanted} as now: it is not known what waits"),
    "idle": say("{wanted}: nothing waits"),
    "wait": say("{wanted} yet, with {jobs} waiting: it starts {when}"),
    "batch": say("{wanted}: {jobs} waiting, and it starts at {batch}"),
    "due": say(
        "{wanted}: of {jobs} waiting the oldest came {age} ago, and start and work take {takes} of "
        "its {deadline}"
    ),
    "works": say("{wanted} as now, with {jobs} waiting and {running} being done"),
    "more": say("{wanted}, with {jobs} waiting: fewer would not do them within {deadline}"),
    "paid": say("{wanted} for now: nothing waits, but it is paid for {paid} more"),
    "back": say("{wanted}: nothing waits, and the time that is paid for is almost over"),
    "allowed": say("{wanted}, with {jobs} waiting: {why}"),
}
FULL = say("at {batch}")
FULL_OR_DUE = say("at {batch}, or in {slack} because of the oldest")


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


def _reason(rules: Rules, now: RareNow, found: RareDecision, allowed: Allowed) -> Message:
    queue = now.queue or Queue(())
    values: dict[str, Value] = {
        "wanted": machines(found.wanted),
        "jobs": jobs(queue.waiting),
        "running": queue.running,
        "batch": rules.batch_jobs,
        "age": minutes(max(queue.ages, default=0.0)),
        "takes": minutes(rules.start_seconds + rules.job_seconds * max(queue.waiting, 1)),
        "deadline": minutes(rules.deadline_seconds),
        "paid": minutes(min(now.paid_seconds, default=0.0)),
        "why": allowed.why,
        "slack": minutes(found.slack_seconds or 0.0),
    }
    values["when"] = used(FULL if found.slack_seconds is None else FULL_OR_DUE, values)
    return used(_SENTENCES[found.term], values)


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
