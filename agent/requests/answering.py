"""Say yes or no to what the budget asks before it stops or starts something."""

from collections.abc import Sequence
from typing import Protocol

from agent.requests.handling import Job
from models.errors import ActionRefused, RequestRefused
from models.messages import Message, say
from models.operations import ASKED, Operation
from models.requests import DONE, Outcome, Prospect, Request
from models.stopping import STOP

AGREE = "agree"


class Questions(Protocol):
    """Who asks; a batch is one question about one or more things."""

    def batch(self, batch: str) -> Sequence[Operation]: ...
    def answer(self, batch: str, *, is_yes: bool) -> None: ...


class Answering:
    """For `agree` and `decline`; the target is the batch."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def check(self, request: Request, now: float) -> Prospect:  # noqa: ARG002  as all handlers
        asked = self._asked(request.target)
        if not asked:
            raise RequestRefused(say("nothing is asked any more under this name"))
        return Prospect((_told(request, asked),))

    def act(self, job: Job) -> Outcome:
        request = job.request
        asked = self._asked(request.target)
        try:
            self._questions.answer(request.target, is_yes=request.kind == AGREE)
        except ActionRefused as trouble:
            raise RequestRefused(trouble.reason) from trouble
        return Outcome(DONE, _told(request, asked))

    def look(self, job: Job) -> Outcome | None:
        """It was answered as soon as nothing is asked any more."""
        if self._asked(job.request.target):
            return None
        return Outcome(DONE, say("it is answered"))

    def _asked(self, batch: str) -> list[Operation]:
        return [each for each in self._questions.batch(batch) if each.state == ASKED]


def _told(request: Request, asked: Sequence[Operation]) -> Message:
    names = ", ".join(each.target for each in asked)
    if request.kind != AGREE:
        return say("left as they are for a day: {names}", names=names)
    if asked[0].verb == STOP:
        return say("stops: {names}", names=names)
    return say("starts: {names}", names=names)
