"""Run again what waits for money, or leave it: by one name, by a workflow, or all of it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from agent.requests.handling import Job
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import DONE, Outcome, Prospect, Request
from models.waiting.asking import ALL, DISMISS
from models.waiting.item import NOW, PACED, WaitingItem
from sallim.money import won_text


class Waits(Protocol):
    """Who keeps what waits. Everything may raise StoreError."""

    def found(self, target: str, kind: str) -> Sequence[WaitingItem]: ...
    def can_run(self, item: WaitingItem) -> bool: ...
    def ask_for(self, target: str, asked: str, request_id: str) -> int: ...
    def dismiss(self, target: str, request_id: str) -> int: ...
    def asked_by(self, request_id: str) -> Sequence[WaitingItem]: ...
    def as_json(self) -> Mapping[str, object]: ...


class Rerunning:
    """For `rerun` and `dismiss`. What is asked for is written down; it runs in its turn."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits

    def check(self, request: Request, now: float) -> Prospect:  # noqa: ARG002  as all handlers
        found = self._found(request)
        return Prospect((_told(request, found),), {"count": len(found)})

    def act(self, job: Job) -> Outcome:
        request = job.request
        found = self._found(request)
        if request.kind == DISMISS:
            count = self._waits.dismiss(request.target, job.request_id)
        else:
            asked = NOW if request.target in {item.item_id for item in found} else PACED
            count = self._waits.ask_for(request.target, asked, job.request_id)
        if not count:
            raise RequestRefused(say("nothing named {name} waits any more", name=request.target))
        return Outcome(DONE, _told(request, found), {"count": count})

    def _found(self, request: Request) -> list[WaitingItem]:
        found = self._waits.found(request.target, request.kind)
        if not found:
            raise RequestRefused(
                say("nothing named {name} waits for money", name=request.target)
                if request.target != ALL
                else say("nothing waits for money")
            )
        meant = [item for item in found if request.kind == DISMISS or self._waits.can_run(item)]
        if not meant:
            raise RequestRefused(
                say("nothing says how {name} is run again; run it yourself", name=found[0].name)
            )
        return meant

    def look(self, job: Job) -> Outcome | None:
        found = self._waits.asked_by(job.request_id)
        return Outcome(DONE, _told(job.request, found), {"count": len(found)}) if found else None


def _told(request: Request, found: Sequence[WaitingItem]) -> Message:
    won = won_text(sum(item.estimated_micro for item in found))
    one = found[0].title if len(found) == 1 else ""
    if request.kind == DISMISS:
        if one:
            return say("{what} is left, and does not run again", what=one)
        return say("{count} pieces of work are left, and do not run again", count=len(found))
    if one:
        return say(
            "{what} runs again as soon as there is money: about {won} won", what=one, won=won
        )
    return say(
        "{count} pieces of work run again, the oldest first and paced: about {won} won",
        count=len(found),
        won=won,
    )
