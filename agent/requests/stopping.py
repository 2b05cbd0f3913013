"""Stop what costs money, all of it or one thing, and start it again: orders to those who stop."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from agent.requests.handling import Job
from models.errors import RequestRefused
from models.messages import Message, say
from models.operations import Standing
from models.requests import ACCEPTED, DONE, FAILED, Outcome, Prospect, Request

PERSON = "person"
STOP_KINDS = ("stop", "stop_all")


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


class Stopping:
    """For `stop_all`, `resume`, `stop` and `start`."""

    def __init__(self, stops: Stops) -> None:
        self._stops = stops

    def check(self, request: Request, now: float) -> Prospect:  # noqa: ARG002  as all handlers
        targets = self._targets(request)
        if not targets:
            raise RequestRefused(_nothing(request))
        before = {"down": list(self._stops.stopped_by(PERSON))}
        lines = [_told(request, targets)]
        if request.kind == "stop_all":
            lines.append(say("calls of paid APIs go on, within what their budgets have left"))
        if request.kind not in STOP_KINDS:
            return Prospect(tuple(lines), before)
        return Prospect(tuple(lines), before, lambda: self._stops.preview(targets).as_json())

    def act(self, job: Job) -> Outcome:
        request = job.request
        order = self._stops.stop if request.kind in STOP_KINDS else self._stops.start
        targets = self._targets(request)
        order(targets, PERSON, _reason(job))
        return self.look(job) or Outcome(DONE, say("all of it was so already"))

    def look(self, job: Job) -> Outcome | None:
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
        return say("nothing that costs money is known: name it as a [[service]] in the settings")
    return say("nothing was stopped by a person")
