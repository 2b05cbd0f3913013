"""How a kind of request is carried out: looked at, done, and looked for after a crash."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from models.errors import RequestRefused
from models.messages import Message
from models.requests import Actor, Kind, Outcome, Prospect, Request


class Job(NamedTuple):
    """An accepted request on its way. What is done carries its `request_id`, so that it is done
    once, and found again. `now` is UTC epoch seconds.
    """

    request_id: str
    request: Request
    actor: Actor
    now: float


class Handler(Protocol):
    """Of one or more kinds.

    A RequestRefused out of `act` says that nothing was done.
    """

    def check(self, request: Request, now: float) -> Prospect:
        """What would follow. Raises RequestRefused where it cannot be done as things stand."""

    def act(self, job: Job) -> Outcome: ...

    def look(self, job: Job) -> Outcome | None:
        """What was done of it so far; None: nothing."""


Handlers = Mapping[Kind, Handler]


class NotYet:
    """Known, and nothing here can do it so far; the message says what."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def check(self, request: Request, now: float) -> Prospect:  # noqa: ARG002  as all handlers
        raise RequestRefused(self._message, 501)

    def act(self, job: Job) -> Outcome:
        """Also of a request that a later version had accepted."""
        self.check(job.request, job.now)
        raise AssertionError("it is always refused")

    def look(self, job: Job) -> Outcome | None:  # noqa: ARG002  as all handlers
        return None


class ByTarget:
    """Some targets have a handler of their own."""

    def __init__(self, own: Mapping[str, Handler], other: Handler) -> None:
        self._own = own
        self._other = other

    def check(self, request: Request, now: float) -> Prospect:
        return self._of(request).check(request, now)

    def act(self, job: Job) -> Outcome:
        return self._of(job.request).act(job)

    def look(self, job: Job) -> Outcome | None:
        return self._of(job.request).look(job)

    def _of(self, request: Request) -> Handler:
        return self._own.get(request.target, self._other)
