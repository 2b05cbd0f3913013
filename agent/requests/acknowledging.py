"""Acknowledge a message of the outbox by its number; what has another name stays an order."""

from collections.abc import Callable

from agent.requests.handling import Handler, Job
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import DONE, Outcome, Prospect, Request

NUMBER_DIGITS_MAX = 15
"""Of a message: what is longer fits into no file, and is none."""

Acknowledge = Callable[[int, str], bool]
"""By number and name of the person; False where there is no such message."""


class Acknowledging:
    """Asked again it does the same once more, which changes nothing."""

    def __init__(self, acknowledge: Acknowledge, other: Handler) -> None:
        self._acknowledge = acknowledge
        self._other = other

    def check(self, request: Request, now: float) -> Prospect:
        if not request.target.isdecimal():
            return self._other.check(request, now)
        return Prospect((_told(request.target),))

    def act(self, job: Job) -> Outcome:
        number = job.request.target
        if not number.isdecimal():
            return self._other.act(job)
        is_one = len(number) <= NUMBER_DIGITS_MAX
        if not is_one or not self._acknowledge(int(number), job.actor.name):
            raise RequestRefused(say("there is no message #{number}", number=number))
        return Outcome(DONE, _told(number))

    def look(self, job: Job) -> Outcome | None:
        return None if job.request.target.isdecimal() else self._other.look(job)


def _told(number: str) -> Message:
    return say("message #{number} is acknowledged", number=number)
