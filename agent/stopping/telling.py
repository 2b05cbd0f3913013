"""What is told of stops and starts, and what each may do by itself."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from agent.stopping.book import Book
from agent.stopping.moving import Actor
from models.errors import ActionError
from models.messages import Message, say
from models.operations import FAILED, problem_of, shown_state
from models.requests import AUTOMATION
from models.settings.automation import Automation, Permission
from models.settings.service import Service
from models.wanted import BUDGET, PERSON, RECOVERY, SCALING

NAMES = {BUDGET: "stop", SCALING: "scale", RECOVERY: "repair"}
"""What a person calls that which each may do by itself."""
OPERATIONS_SHOWN = 200
UNDONE_SHOWN = 100
SHOWN = {
    *("name", "kind", "priority", "requires", "hour_krw", "stopped_hour_krw", "still_bills"),
}
"""What is told of a service: neither commands nor addresses."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What each may do by itself; what a person asks for is done."""

    automation: Automation
    resting: Callable[[], Collection[str]] = tuple
    """What a person has paused, now: `automation`, which is all of it, or `stop` and the like."""

    def of(self, by: str) -> Permission:
        """May raise StoreError."""
        if by in NAMES and {AUTOMATION, NAMES[by]} & set(self.resting()):
            return "off"
        granted: dict[str, Permission] = {
            PERSON: "on",
            BUDGET: self.automation.stop,
            SCALING: self.automation.scale,
            RECOVERY: self.automation.repair,
        }
        return granted[by]


@runtime_checkable
class Working(Protocol):
    """An actor that knows what a stop would cut off."""

    def at_work(self, service: Service) -> Message | None:
        """Raises ActionError."""


def at_work(services: Iterable[Service], actors: Mapping[str, Actor]) -> dict[str, Message]:
    """What a stop of each would cut off, of those that are at work."""
    found: dict[str, Message] = {}
    for service in services:
        actor = actors.get(service.kind)
        if not isinstance(actor, Working):
            continue
        try:
            work = actor.at_work(service)
        except ActionError as error:
            work = say("what runs there is not known: {reason}", reason=str(error.reason))
        if work is not None:
            found[service.name] = work
    return found


def states(services: Sequence[Service], book: Book, now: float) -> dict[str, str]:
    return {
        service.name: shown_state(service, book.held(service.name, now), book.last(service.name))
        for service in services
    }


def problems(services: Sequence[Service], book: Book) -> list[Message]:
    """What could not be stopped or started, each with what a person can do."""
    last = [book.last(service.name) for service in services]
    failed = [each for each in last if each is not None and each.state == FAILED]
    return [problem for each in failed if (problem := problem_of(each)) is not None]


def shape(services: Sequence[Service], rights: Rights, book: Book, now: float) -> dict[str, object]:
    said = states(services, book, now)
    held = {name: book.held(name, now) for name in said}
    return {
        "automation": rights.automation.model_dump(),
        "resting": sorted(rights.resting()),
        "targets": [
            {
                **service.model_dump(include=SHOWN),
                "state": said[service.name],
                "wanted": None if (row := held[service.name]) is None else row.as_json(),
            }
            for service in services
        ],
        "undone": [each._asdict() for each in book.undone()[:UNDONE_SHOWN]],
        "operations": [each.as_json() for each in book.operations()[-OPERATIONS_SHOWN:]],
    }
