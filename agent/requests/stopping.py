"""Stop what costs money, all of it or one thing, and start it again: orders to those who stop.

All of it is calls as well: the ledger refuses them before any service is asked to stop.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from agent.requests.handling import Job
from agent.requests.ordering import order_of
from models.errors import RequestRefused
from models.messages import Message, say
from models.operations import Standing
from models.requests import ACCEPTED, DONE, FAILED, Outcome, Prospect, Request
from models.requests.kept import NO_END, StandingOrder
from sallim.ledger import LedgerError

PERSON = "person"
STOP_KINDS = ("stop", "stop_all")
CALL_KINDS = ("stop_all", "resume")
CALL_LINES = {
    "stop_all": (
        say(
            "calls of paid APIs are refused, essential ones too, until somebody resumes; what "
            "costs nothing goes on"
        ),
        say(
            "what is kept free stays so: for calls that are under way, which are paid for, and for "
            "fixed items"
        ),
    ),
    "resume": (say("calls of paid APIs go on, within what their budgets have left"),),
}
CALLS_DONE = {
    "stop_all": say("calls of paid APIs are refused; nothing else that costs money was up"),
    "resume": say("calls of paid APIs go on, within what their budgets have left"),
}


class Shown(Protocol):
    """What stopping would do."""

    def as_json(self) -> Mapping[str, object]: ...


class Stops(Protocol):
    """Who stops and starts. `by` is always `person` here; a `reason` is one request's alone."""

    def names(self) -> Sequence[str]:
        """All that can be stopped and started."""

    def paid(self) -> Sequence[str]:
        """Of these, what costs money."""

    def stopped_by(self, by: str) -> Sequence[str]:
        """What is wanted down by them."""

    def preview(self, targets: Sequence[str]) -> Shown: ...
    def stop(self, targets: Sequence[str], by: str, reason: Message) -> str: ...
    def start(self, targets: Sequence[str], by: str, reason: Message) -> str: ...
    def ordered(self, reason: Message) -> Standing | None:
        """How far what was ordered with this reason has come; None: nothing was."""


class Calls(Protocol):
    """Who holds all calls that cost something. May raise StoreError, LedgerError."""

    def since(self) -> float | None:
        """None: they are let through."""

    def knows(self, request_id: str) -> bool:
        """Whether a hold or its end was written down for that request."""

    def begin(self, order: StandingOrder) -> None: ...
    def end(self, ending: StandingOrder) -> None: ...
    def bring(self) -> None:
        """Have the ledger know what was written down."""


class Stopping:
    """For `stop_all`, `resume`, `stop` and `start`."""

    def __init__(self, stops: Stops, calls: Calls) -> None:
        self._stops = stops
        self._calls = calls

    def check(self, request: Request, now: float) -> Prospect:  # noqa: ARG002  as all handlers
        targets, is_held = self._targets(request), self._is_held()
        turns_calls = request.kind in CALL_KINDS and is_held in (None, request.kind == "resume")
        if not targets and not turns_calls:
            raise RequestRefused(_nothing(request))
        before: dict[str, object] = {"down": list(self._stops.stopped_by(PERSON))}
        if request.kind in CALL_KINDS:
            before["calls_held"] = is_held
        lines = [_told(request, targets)] if targets else []
        lines += CALL_LINES.get(request.kind, ())
        if request.kind not in STOP_KINDS:
            return Prospect(tuple(lines), before)
        return Prospect(tuple(lines), before, lambda: self._stops.preview(targets).as_json())

    def _is_held(self) -> bool | None:
        """None: the ledger cannot be asked, which keeps nobody from stopping."""
        try:
            return self._calls.since() is not None
        except LedgerError:
            return None

    def act(self, job: Job) -> Outcome:
        kind, calls = job.request.kind, self._calls
        if kind not in CALL_KINDS:
            return self._act_on_services(job)
        turn = calls.begin if kind == "stop_all" else calls.end
        return self._both(job, lambda: turn(order_of(job, NO_END)))

    def look(self, job: Job) -> Outcome | None:
        if job.request.kind not in CALL_KINDS:
            return self._look_at_services(job)
        if not self._calls.knows(job.request_id):
            return None
        # Written down, and whoever was killed then may not have told the ledger.
        return self._both(job, self._calls.bring)

    def _both(self, job: Job, turn: Callable[[], None]) -> Outcome:
        """Services stop also where the ledger cannot be written; that is tried again."""
        problem: Message | None = None
        try:
            turn()
        except LedgerError as trouble:
            problem = say("the ledger does not know it yet: {reason}", reason=str(trouble))
        outcome = self._look_at_services(job) or self._act_on_services(job)
        return outcome if problem is None else Outcome(ACCEPTED, problem)

    def _act_on_services(self, job: Job) -> Outcome:
        request = job.request
        order = self._stops.stop if request.kind in STOP_KINDS else self._stops.start
        targets = self._targets(request)
        if not targets and request.kind in CALL_KINDS:
            return Outcome(DONE, CALLS_DONE[request.kind])
        order(targets, PERSON, _reason(job))
        return self._look_at_services(job) or Outcome(DONE, say("all of it was so already"))

    def _look_at_services(self, job: Job) -> Outcome | None:
        standing = self._stops.ordered(_reason(job))
        if standing is None:
            return None
        if standing.open:
            return Outcome(ACCEPTED, _told(job.request, standing.open))
        after = {"down": list(self._stops.stopped_by(PERSON))}
        if standing.failed:
            name, problem = next(iter(standing.failed.items()))
            message = say(
                "{count} did not work: {name} ({problem})",
                count=len(standing.failed),
                name=name,
                problem=str(problem),
            )
            return Outcome(FAILED, message, after)
        return Outcome(DONE, say("done, and seen to be so"), after)

    def _targets(self, request: Request) -> Sequence[str]:
        if request.kind == "stop_all":
            return self._stops.paid()
        if request.kind == "resume":
            return self._stops.stopped_by(PERSON)
        known = self._stops.names()
        if request.target not in known:
            raise RequestRefused(
                say(
                    "nothing named {name} can be stopped or started; there is {known}",
                    name=request.target,
                    known=", ".join(known) or "nothing",
                )
            )
        return (request.target,)


def _reason(job: Job) -> Message:
    """Names the request, so that what was ordered is found again after a crash."""
    return say(
        "{name}: {reason} (request {request_id})",
        name=job.actor.name,
        reason=job.request.reason,
        request_id=job.request_id,
    )


def _told(request: Request, targets: Sequence[str]) -> Message:
    names = ", ".join(targets)
    if request.kind in STOP_KINDS:
        return say("stops: {names}", names=names)
    return say("starts: {names}", names=names)


def _nothing(request: Request) -> Message:
    if request.kind == "stop_all":
        return say("everything that costs money is stopped already")
    return say("nothing was stopped by a person")
