"""Silence, pause, and the end of all pauses: rows that hold for a while."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from agent.requests.handling import Job
from data.control import Control
from data.requests import end_orders, order_named, orders, put_order
from models.messages import Message, say
from models.requests import DONE, Outcome, Prospect, Request
from models.requests.kept import NO_END, PAUSE, StandingOrder
from models.requests.limits import check_quiet, moment_text


class Ordering:
    """What holds is asked of `data.requests.orders`, by whoever would act or tell."""

    def __init__(self, control: Control, zone: Callable[[], ZoneInfo]) -> None:
        self._control = control
        self._zone = zone

    def check(self, request: Request, now: float) -> Prospect:
        check_quiet(request, self._zone(), now)
        holding = [each.target for each in orders(self._control, request.kind, now)]
        return Prospect((self._told(request),), {"holding": holding})

    def act(self, job: Job) -> Outcome:
        request = job.request
        put_order(self._control, order_of(job, request.until))
        return self._done(request)

    def look(self, job: Job) -> Outcome | None:
        if order_named(self._control, job.request_id) is None:
            return None
        return self._done(job.request)

    def _done(self, request: Request) -> Outcome:
        return Outcome(DONE, self._told(request), dict(request.args))

    def _told(self, request: Request) -> Message:
        until = moment_text(request.until, self._zone())
        if request.kind == PAUSE:
            return say(
                "what Sallim does by itself ({target}) rests until {until}",
                target=request.target,
                until=until,
            )
        return say("{target} sends no messages until {until}", target=request.target, until=until)


class Unpausing:
    """Every pause ends."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def check(self, request: Request, now: float) -> Prospect:  # noqa: ARG002  as all handlers
        held = [each.target for each in orders(self._control, PAUSE, now)]
        return Prospect((_ended(len(held)),), {"holding": held})

    def act(self, job: Job) -> Outcome:
        held = end_orders(self._control, PAUSE, order_of(job, NO_END))
        return Outcome(DONE, _ended(len(held)))

    def look(self, job: Job) -> Outcome | None:
        if order_named(self._control, job.request_id) is None:
            return None
        return Outcome(DONE, say("no pause holds any more"))


def _ended(count: int) -> Message:
    return say("pauses that end: {count}", count=count)


def order_of(job: Job, until_at: int) -> StandingOrder:
    request = job.request
    return StandingOrder(
        *(job.request_id, request.kind, request.target, job.actor.name, request.reason),
        *(int(job.now), until_at, 0),
    )
