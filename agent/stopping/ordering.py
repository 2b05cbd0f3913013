"""From a wish to operations: who may, in which order, and what is only asked or written down."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.stopping.book import Book
from models.messages import Message, say
from models.operations import (
    ASKED,
    PLANNED,
    REFUSED,
    WOULD,
    Operation,
    is_told_already,
    is_under_way,
    text_of,
)
from models.settings.automation import Permission
from models.settings.service import Service
from models.stopping import START, STOP, WORKFLOW, spared, start_order, stop_order
from models.wanted import (
    BUDGET,
    DOWN,
    OVERRULED_SECONDS,
    PERSON,
    UP,
    Wanted,
    holding,
    may,
    refusal,
)

STATES: Mapping[Permission, str] = {"on": PLANNED, "ask": ASKED, "off": WOULD}


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants. `now` and `until` are UTC epoch seconds."""

    verb: str
    names: Collection[str]
    by: str
    reason: Message
    now: float
    until: float | None = None
    again: bool = False
    """Also where it was done before: somebody has undone it by hand."""
    ends: tuple[str, str] | None = None
    """A target and whose word of it has run out: that goes in the same transaction."""


@dataclass(slots=True)
class Plan:
    """What is written in one transaction."""

    batch: str = field(default_factory=lambda: secrets.token_hex(8))
    operations: list[Operation] = field(default_factory=list)
    wishes: list[Wanted] = field(default_factory=list)
    given_up: list[tuple[str, str]] = field(default_factory=list)


def planned(order: Order, services: Sequence[Service], permission: Permission, book: Book) -> Plan:
    """The plan of an order, each target after what must come before it."""
    plan = Plan(given_up=[order.ends] if order.ends is not None else [])
    refused: dict[str, Message] = {}
    arranged = stop_order if order.verb == STOP else start_order
    requires = requirements(services)
    kept = spared(services) if (order.by, order.verb) == (BUDGET, STOP) else frozenset()
    for name in arranged(services, order.names):
        first = _before(name, order.verb, requires, refused)
        problem = _essential(name) if name in kept else None
        held = _held_by_others(book, name, order)
        if problem is None and held is not None and not may(order.by, order.verb, held):
            problem = refusal(held)
        if problem is None and first is not None:
            problem = _needed(name, first, order.verb)
        if problem is not None:
            refused[name] = problem
        # A word that counts less now counts as soon as the one above it ends.
        is_kept = name not in kept and permission == "on"
        _wish(plan, name, order, held, is_done=is_kept and (order.verb == STOP or not problem))
        fresh = _operation(plan.batch, name, order, REFUSED if problem else STATES[permission])
        if problem is not None:
            fresh = fresh._replace(problem=text_of(problem))
        if _is_new(fresh, order, book.last(name)):
            plan.operations.append(fresh)
    return plan


def meant(services: Sequence[Service], names: Sequence[str]) -> list[str]:
    """Names of services. A workflow that has a budget of its own need be none of them."""
    workflows = {f"workflow:{each.name}": each.name for each in services if each.kind == WORKFLOW}
    known = [workflows.get(name, name) for name in names]
    return [name for name in known if not name.startswith("workflow:")]


def requirements(services: Sequence[Service]) -> dict[str, frozenset[str]]:
    """All that each requires, also by a detour."""
    return {
        service.name: frozenset(start_order(services, [service.name])) - {service.name}
        for service in services
    }


def _held_by_others(book: Book, name: str, order: Order) -> Wanted | None:
    """Whoever orders takes his own earlier word back."""
    rows = [row for row in book.wanted() if (row.target, row.wanted_by) != (name, order.by)]
    return holding(rows, name, order.now)


def _before(
    name: str, verb: str, requires: Mapping[str, frozenset[str]], refused: Iterable[str]
) -> str | None:
    """What was refused, and must come before this one."""
    if verb == START:
        return next((each for each in refused if each in requires[name]), None)
    return next((each for each in refused if name in requires[each]), None)


def _wish(plan: Plan, name: str, order: Order, held: Wanted | None, *, is_done: bool) -> None:
    """Keep what was done on somebody's word as his word."""
    text = text_of(order.reason)
    if order.verb == STOP:
        if is_done:
            wish = Wanted(name, order.by, DOWN, text, order.until, order.now)
            plan.wishes.append(wish)
        return
    overrules = order.by == PERSON and held is not None and held.state == DOWN
    if is_done and order.by == PERSON and (overrules or order.until is not None):
        until = order.until if order.until is not None else order.now + OVERRULED_SECONDS
        plan.wishes.append(Wanted(name, PERSON, UP, text, until, order.now))
    else:
        plan.given_up.append((name, order.by))


def _operation(batch: str, name: str, order: Order, state: str) -> Operation:
    return Operation(
        seq=0,  # Given where it is written.
        batch=batch,
        target=name,
        verb=order.verb,
        ordered_by=order.by,
        reason=text_of(order.reason),
        state=state,
        attempt=0,
        problem="",
        planned_at=order.now,
        changed_at=order.now,
    )


def _is_new(fresh: Operation, order: Order, last: Operation | None) -> bool:
    if fresh.state != PLANNED:
        return order.by == PERSON or not is_told_already(last, fresh)
    if last is not None and not last.is_open and (order.again or order.by == PERSON):
        # What a person asks for is looked at once more, unless it is being done.
        return True
    return not is_under_way(last, order.verb, order.now)


def _essential(name: str) -> Message:
    return say(
        "{target} is essential, or what something essential requires: no budget stops it; a "
        "person may",
        target=name,
    )


def _needed(name: str, first: str, verb: str) -> Message:
    if verb == STOP:
        return say(
            "{target} is not stopped, because {other} needs it and stays up",
            target=name,
            other=first,
        )
    return say(
        "{target} is not started, because it requires {other}, which stays down",
        target=name,
        other=first,
    )
