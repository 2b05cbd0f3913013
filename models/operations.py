"""Stopping or starting one target, from the intent to the proof, as it stands in the journal.

planned -> started -> acted -> verified, failed, or planned once more
asked -> accepted, and planned as another; or declined
would, refused, superseded: nothing was done
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from models.messages import Message
from models.stopping import START, STOP, Target, bills_when_stopped
from models.wanted import DOWN, Wanted

PLANNED, STARTED, ACTED = "planned", "started", "acted"
VERIFIED, FAILED = "verified", "failed"
ASKED, ACCEPTED, DECLINED = "asked", "accepted", "declined"
WOULD, REFUSED, SUPERSEDED = "would", "refused", "superseded"
OPEN = (PLANNED, STARTED, ACTED)
"""At most one such operation a target."""

NOT_DONE = (WOULD, ASKED, DECLINED)
"""What the budget and the like wanted, and were not let do."""

ATTEMPTS = 3
PAUSES_SECONDS = (5.0, 30.0)
"""Before the second and the third attempt."""
VERIFY_SECONDS = 120.0
"""Within this time from the act the effect is there, or the attempt has failed."""
DECLINED_SECONDS = 86_400.0
FAILED_AGAIN_SECONDS = 900.0
"""How long after a failure the same wish leads to another try."""


class Operation(NamedTuple):
    """`seq` counts up with every one; those that were ordered together share a `batch`.

    Moments are UTC epoch seconds; `reason` and `problem` are JSON of messages, "" for none.
    """

    seq: int
    batch: str
    target: str
    verb: str
    ordered_by: str
    reason: str
    state: str
    attempt: int
    problem: str
    planned_at: float
    changed_at: float

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def as_json(self) -> dict[str, object]:
        """Its messages as shapes that `Message.from_json` takes; `problem` None for none."""
        problem = json.loads(self.problem) if self.problem else None
        return {**self._asdict(), "reason": json.loads(self.reason), "problem": problem}


class Undone(NamedTuple):
    """How often the same was not done, and when last. UTC epoch seconds."""

    verb: str
    target: str
    ordered_by: str
    state: str
    times: int
    last_at: float


def undone_of(operations: Iterable[Operation], before: Iterable[Undone] = ()) -> list[Undone]:
    """What was written down, asked or declined, beside what was counted before; the last first."""
    found = {each[:4]: each for each in before}
    for each in operations:
        if each.state in NOT_DONE:
            key = each.verb, each.target, each.ordered_by, each.state
            known = found.get(key, Undone(*key, 0, 0.0))
            last_at = max(known.last_at, each.planned_at)
            found[key] = known._replace(times=known.times + 1, last_at=last_at)
    return sorted(found.values(), key=lambda one: one.last_at, reverse=True)


class Standing(NamedTuple):
    """How far an order has come: what still goes on, and what did not work, with the reason."""

    open: tuple[str, ...]
    failed: Mapping[str, Message]


def standing_of(operations: Sequence[Operation]) -> Standing | None:
    """None where nothing was ordered."""
    if not operations:
        return None
    failed = [each for each in operations if each.state in (FAILED, REFUSED)]
    return Standing(
        tuple(each.target for each in operations if each.is_open),
        {each.target: message_of(each.problem) for each in failed},
    )


def latest(operations: Iterable[Operation], target: str) -> Operation | None:
    """The newest of a target; `operations` come in the order in which they were planned."""
    found = None
    for operation in operations:
        if operation.target == target:
            found = operation
    return found


def is_ready(
    operation: Operation, batch: Sequence[Operation], requires: Mapping[str, frozenset[str]]
) -> bool:
    """Whether what must come before has come.

    A stop waits for what depends on its target, but not longer than for a first attempt: what
    cannot be stopped must not keep the rest running. A start waits until what it requires is up.
    `requires` holds, by target, all that it requires, also by a detour.
    """
    own = requires.get(operation.target, frozenset())
    for other in batch:
        if other.verb != operation.verb or not other.is_open:
            continue
        if operation.verb == STOP:
            depends = operation.target in requires.get(other.target, frozenset())
            if depends and not has_failed_once(other):
                return False
        elif other.target in own:
            return False
    return True


def has_failed_once(operation: Operation) -> bool:
    return operation.state == FAILED or bool(operation.problem)


def failed_before(
    operation: Operation, batch: Iterable[Operation], requires: Mapping[str, frozenset[str]]
) -> str:
    """What a start requires that has not come up, "" for nothing: it is then not tried."""
    if operation.verb != START:
        return ""
    own = requires.get(operation.target, frozenset())
    return next((each.target for each in batch if each.state == FAILED and each.target in own), "")


def is_told_already(last: Operation | None, fresh: Operation) -> bool:
    """Whether the same was asked, refused or only written down before, and nothing happened since.

    What a person declined is asked again a day later.
    """
    if last is None or (last.verb, last.ordered_by) != (fresh.verb, fresh.ordered_by):
        return False
    if last.state == DECLINED:
        recently = _is_within(DECLINED_SECONDS, last, fresh.planned_at)
        return fresh.state == ASKED and recently
    return last.state == fresh.state and (fresh.state != REFUSED or last.problem == fresh.problem)


def is_down_by(operations: Sequence[Operation], target: str, by: str) -> bool:
    """Whether the last stop of it that was done was on their word, and nothing was done since.

    What was only asked or written down, to stop or to start, changed nothing.
    """
    nothing = (ASKED, DECLINED, WOULD, REFUSED, SUPERSEDED)
    done = [each for each in operations if each.target == target and each.state not in nothing]
    return bool(done) and (done[-1].verb, done[-1].ordered_by) == (STOP, by)


def is_under_way(last: Operation | None, verb: str, now: float) -> bool:
    """Whether a wish that is repeated needs nothing new: it is being done, is done, or has just
    failed.
    """
    if last is None or last.verb != verb:
        return False
    recently_failed = last.state == FAILED and _is_within(FAILED_AGAIN_SECONDS, last, now)
    return last.is_open or last.state == VERIFIED or recently_failed


def _is_within(seconds: float, last: Operation, now: float) -> bool:
    """A clock that was set back makes nothing wait longer."""
    return 0 <= now - last.changed_at < seconds


def shown_state(target: Target, held: Wanted | None, last: Operation | None) -> str:
    """What is said of a target: up, stopping, stopped, still billing, not stopped, starting,
    not started. Only what is proven is called stopped, and never what still bills.
    """
    if last is not None and last.is_open:
        return "stopping" if last.verb == STOP else "starting"
    if last is not None and last.state == FAILED:
        return "not stopped" if last.verb == STOP else "not started"
    if last is not None and (last.verb, last.state) == (STOP, VERIFIED):
        return "still billing" if bills_when_stopped(target) else "stopped"
    return "not stopped" if held is not None and held.state == DOWN else "up"


def problem_of(operation: Operation) -> Message | None:
    return message_of(operation.problem) if operation.problem else None


def text_of(message: Message) -> str:
    return json.dumps(message.as_json(), ensure_ascii=False, sort_keys=True)


def message_of(text: str) -> Message:
    return Message.from_json(json.loads(text))
