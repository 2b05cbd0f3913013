"""The door to stops and starts: what is asked of it, and what it tells."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from agent.sampling import Clocks
from agent.stopping.book import Book
from agent.stopping.carrying import Carrying, Hands, on_a_thread
from agent.stopping.moving import Actor, Mover
from agent.stopping.ordering import Order, planned
from models.errors import ActionError, ActionRefused, StoreError
from models.messages import Message, say
from models.operations import (
    ACCEPTED,
    ASKED,
    DECLINED,
    FAILED,
    PLANNED,
    WOULD,
    Operation,
    problem_of,
    shown_state,
)
from models.settings.automation import Automation, Permission
from models.settings.service import Service
from models.stopping import START, STOP, Preview, all_paid, preview, stop_order, unknown_names
from models.wanted import BUDGET, DOWN, PERSON, RECOVERY, SCALING, Wanted, may

OPERATIONS_SHOWN = 200
SHOWN = {
    *("name", "kind", "priority", "requires", "hour_krw", "stopped_hour_krw", "still_bills"),
}
"""What is told of a service: neither commands nor addresses."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What each may do by itself; what a person asks for is done."""

    automation: Automation

    def of(self, by: str) -> Permission:
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


class Stopping:
    """Thread-safe. `step` is for its own loop; until `take_over` nothing is done."""

    def __init__(self, book: Book, clocks: Clocks, hands: Hands = on_a_thread) -> None:
        self._book = book
        self._clocks = clocks
        self._mover = Mover(book, clocks)
        self._carrying = Carrying(book, self._mover, clocks, self._order, hands)
        self._services: tuple[Service, ...] = ()
        self._rights = Rights(Automation())

    def take_over(
        self, services: Sequence[Service], actors: Mapping[str, Actor], automation: Automation
    ) -> None:
        with self._book.lock:
            self._services = tuple(services)
            self._rights = Rights(automation)
            self._mover.services = {service.name: service for service in services}
            self._mover.actors = actors
            self._carrying.is_ready = True
        with suppress(StoreError):  # The next reload comes here again.
            self._book.forget_old(self._clocks.wall())

    def step(self) -> None:
        """Move what can be moved. Never raises: trouble with the journal is a problem."""
        self._carrying.step()

    # --- what is asked of it ----------------------------------------------------------------

    def stop(
        self, names: Collection[str], by: str, reason: Message, until: float | None = None
    ) -> str:
        """Gives the batch. Raises ActionRefused for a name that is not known, and StoreError."""
        return self._order(Order(STOP, names, by, reason, self._clocks.wall(), until))

    def start(
        self, names: Collection[str], by: str, reason: Message, until: float | None = None
    ) -> str:
        """A person who starts what the budget holds down overrules it until then, or for a day.

        Gives the batch. Raises as `stop`.
        """
        return self._order(Order(START, names, by, reason, self._clocks.wall(), until))

    def stop_paid(self, reason: Message) -> str:
        """By the budget: all that costs money and is not essential. Raises StoreError."""
        return self.stop(all_paid(self._services), BUDGET, reason)

    def bring_back(self, reason: Message) -> str:
        """By the budget: all that it holds down, and nothing else. Raises StoreError."""
        with self._book.lock:
            now, known = self._clocks.wall(), self._mover.services
            rows = [row for row in self._book.wanted() if row.wanted_by == BUDGET]
            self._book.write(
                given_up=[(row.target, BUDGET) for row in rows if row.target not in known]
            )
            self._close_questions(reason, now)
            names = [row.target for row in rows if row.target in known and row.state == DOWN]
            return self.start(names, BUDGET, reason)

    def answer(self, batch: str, *, is_yes: bool) -> None:
        """What a person says to a question. Raises ActionRefused where none is open, StoreError."""
        with self._book.lock:
            now = self._clocks.wall()
            asked = [each for each in self._book.batch(batch) if each.state == ASKED]
            if not asked:
                raise ActionRefused(
                    say("nothing is asked any more under {batch}; look at what is", batch=batch)
                )
            answered = ACCEPTED if is_yes else DECLINED
            closed = [each._replace(state=answered, changed_at=now) for each in asked]
            if not is_yes:
                self._book.write(closed=closed)
                return
            fresh = [each._replace(state=PLANNED, planned_at=now, changed_at=now) for each in asked]
            wishes = [_wish_of(each) for each in fresh if each.verb == STOP]
            self._book.write(fresh, wishes, closed=closed)

    def may(self, by: str, target: str, verb: str) -> bool:
        """Whether somebody may do this to a target now; recovery asks before it repairs."""
        return may(by, verb, self._book.held(target, self._clocks.wall()))

    def preview(self, names: Collection[str]) -> Preview:
        """What stopping them would do. Asks those who know what is at work, so it may take time."""
        at_work: dict[str, Message] = {}
        for name in stop_order(self._services, names):
            service = self._mover.services[name]
            actor = self._mover.actors.get(service.kind)
            if isinstance(actor, Working):
                try:
                    found = actor.at_work(service)
                except ActionError as error:
                    found = say("what runs there is not known: {reason}", reason=str(error.reason))
                if found is not None:
                    at_work[name] = found
        return preview(self._services, names, at_work)

    def batch(self, batch: str) -> list[Operation]:
        return self._book.batch(batch)

    def operations(self) -> list[Operation]:
        """All that is kept, in the order in which it was planned."""
        return self._book.operations()

    def states(self) -> dict[str, str]:
        """What is said of each target; see `shown_state`."""
        now = self._clocks.wall()
        return {
            service.name: shown_state(
                service, self._book.held(service.name, now), self._book.last(service.name)
            )
            for service in self._services
        }

    def as_json(self) -> dict[str, object]:
        """Shape of `GET /stops`: see docs/ARCHITECTURE.md, "The socket"."""
        now, states = self._clocks.wall(), self.states()
        held = {name: self._book.held(name, now) for name in states}
        return {
            "automation": self._rights.automation.model_dump(),
            "targets": [
                {
                    **service.model_dump(include=SHOWN),
                    "state": states[service.name],
                    "wanted": None if (row := held[service.name]) is None else row.as_json(),
                }
                for service in self._services
            ],
            "operations": [each.as_json() for each in self.operations()[-OPERATIONS_SHOWN:]],
        }

    def problems(self) -> list[Message]:
        """What could not be stopped or started, each with what a person can do."""
        last = [self._book.last(service.name) for service in self._services]
        failed = [each for each in last if each is not None and each.state == FAILED]
        trouble = self._carrying.problem
        found = [problem for each in failed if (problem := problem_of(each)) is not None]
        return [*found, *([trouble] if trouble is not None else [])]

    def _order(self, order: Order) -> str:
        with self._book.lock:
            unknown = unknown_names(self._services, order.names)
            if unknown is not None:
                raise ActionRefused(unknown)
            plan = planned(order, self._services, self._rights.of(order.by), self._book)
            self._book.write(plan.operations, plan.wishes, plan.given_up)
            return plan.batch

    def _close_questions(self, reason: Message, now: float) -> None:
        """The budget's own: what was only asked or written down needs no bringing back."""
        written = []
        for name in self._mover.services:
            last = self._book.last(name)
            if last is None or (last.verb, last.ordered_by) != (STOP, BUDGET):
                continue
            if last.state == ASKED:
                self._book.advance(last, DECLINED, now)
            elif last.state == WOULD:
                written.append(name)
        plan = planned(
            Order(START, written, BUDGET, reason, now), self._services, "off", self._book
        )
        self._book.write(plan.operations)


def _wish_of(operation: Operation) -> Wanted:
    return Wanted(
        operation.target,
        operation.ordered_by,
        DOWN,
        operation.reason,
        None,
        operation.changed_at,
    )
