"""Acknowledge a message of the outbox by its number, or all that is told of a budget or service.

It holds until what it is about is over, its period ends, or its own time; see `agent/knowing.py`.
"""

from collections.abc import Callable
from typing import Protocol
from zoneinfo import ZoneInfo

from agent.requests.handling import Job
from agent.requests.ordering import order_of
from data.control import Control
from data.requests import order_named, put_order
from models.alerts.knowing import KNOWN_SECONDS
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import DONE, Outcome, Prospect, Request
from models.requests.limits import check_quiet, moment_text

NUMBER_DIGITS_MAX = 15
"""Of a message: what is longer fits into no file, and is none."""


class Told(Protocol):
    """What was told to people."""

    def acknowledge(self, number: int, by: str) -> bool:
        """False where there is no such message."""

    def acknowledge_about(self, name: str, by: str) -> int:
        """All that was told of a budget or service; how many."""


class Acknowledging:
    """Asked again it does the same once more, which changes nothing."""

    def __init__(self, control: Control, zone: Callable[[], ZoneInfo], told: Told | None) -> None:
        self._control = control
        self._zone = zone
        self._told = told

    def check(self, request: Request, now: float) -> Prospect:
        if "until" in request.args:
            check_quiet(request, self._zone(), now)
        return Prospect((self._said(request), self._ends(request)))

    def act(self, job: Job) -> Outcome:
        request = job.request
        if self._told is not None and request.target.isdecimal():
            is_one = len(request.target) <= NUMBER_DIGITS_MAX
            if not is_one or not self._told.acknowledge(int(request.target), job.actor.name):
                raise RequestRefused(say("there is no message #{number}", number=request.target))
        elif self._told is not None:
            self._told.acknowledge_about(request.target, job.actor.name)
        until = request.until if "until" in request.args else int(job.now) + KNOWN_SECONDS
        put_order(self._control, order_of(job, until))
        return self._done(request)

    def look(self, job: Job) -> Outcome | None:
        if order_named(self._control, job.request_id) is None:
            return None
        return self._done(job.request)

    def _done(self, request: Request) -> Outcome:
        return Outcome(DONE, self._said(request), dict(request.args))

    @staticmethod
    def _said(request: Request) -> Message:
        if request.target.isdecimal():
            return say("message #{number} is acknowledged", number=request.target)
        return say("{target} is acknowledged", target=request.target)

    def _ends(self, request: Request) -> Message:
        if "until" not in request.args:
            return say("it is told again when it begins anew, or still lasts in seven days")
        return say(
            "it is told again when it begins anew, or still lasts at {until}",
            until=moment_text(request.until, self._zone()),
        )
