"""One move of one operation: look, write down, act, look again. Whatever ends in between, the next
move finds in the journal how far it had come, and looks for the effect before it repeats anything.
"""

from collections.abc import Mapping
from typing import Protocol

from agent.programs import limit_of
from agent.sampling import Clocks
from agent.stopping.book import Book
from models.errors import ActionError, ActionUnconfirmed
from models.messages import Message, say
from models.operations import (
    ACTED,
    ATTEMPTS,
    FAILED,
    PAUSES_SECONDS,
    PLANNED,
    STARTED,
    VERIFIED,
    VERIFY_SECONDS,
    Operation,
)
from models.settings.service import Service
from models.stopping import START, STOP


class Actor(Protocol):
    """One kind of target."""

    @property
    def kind(self) -> str: ...
    @property
    def repeats_safely(self) -> bool:
        """Whether a start whose outcome is not known may be sent once more."""

    def stop(self, service: Service) -> None: ...
    def start(self, service: Service) -> None: ...
    def is_up(self, service: Service) -> bool | None:
        """What is seen of it; None while it is neither up nor down."""


class Mover:
    """Moves of different operations may come at a time, those of one only one after the other."""

    def __init__(self, book: Book, clocks: Clocks) -> None:
        self.services: Mapping[str, Service] = {}
        self.actors: Mapping[str, Actor] = {}
        self._book = book
        self._clocks = clocks
        self._since: dict[int, float] = {}
        """When this process first saw an operation in its state, by the monotonic clock."""
        self._due: dict[int, float] = {}

    def is_due(self, operation: Operation) -> bool:
        return self._clocks.monotonic() >= self._due.get(operation.seq, 0.0)

    def move(self, operation: Operation) -> None:
        """Raises StoreError; then nothing was begun that is not written down."""
        service = self.services.get(operation.target)
        if service is None:
            self._advance(operation, FAILED, _no_service(operation))
        elif operation.state == PLANNED:
            self._begin(operation, service)
        elif operation.state == STARTED:
            self._find_out(operation, service)
        else:
            self._verify(operation, service)

    def fail(self, operation: Operation, problem: Message) -> None:
        """Raises StoreError."""
        self._advance(operation, FAILED, problem)

    def look_late(self, operation: Operation, service: Service) -> None:
        """A start that took longer than it had has come all the same. Raises StoreError."""
        if self._has_come(operation, service):
            self._advance(operation, VERIFIED)

    def looks_up(self, service: Service) -> bool | None:
        """Raises ActionError."""
        return self.actors[service.kind].is_up(service)

    def _begin(self, operation: Operation, service: Service) -> None:
        try:
            if self.looks_up(service) is _wished(operation):
                self._advance(operation, VERIFIED)
                return
        except ActionError as error:
            # What cannot be seen is stopped all the same, but not started: it may be up.
            if operation.verb == START:
                self._try_again(operation, error.reason, operation.attempt + 1)
                return
        begun = self._advance(operation, STARTED, attempt=operation.attempt + 1)
        if begun is not None:
            self._act(begun, service)

    def _act(self, operation: Operation, service: Service) -> None:
        actor = self.actors[service.kind]
        act = actor.stop if operation.verb == STOP else actor.start
        try:
            act(service)
        except ActionUnconfirmed as error:
            self._advance(operation, ACTED, error.reason)
        except ActionError as error:
            self._again_or_failed(operation, service, error.reason)
        else:
            acted = self._advance(operation, ACTED)
            if acted is not None:
                self._verify(acted, service)

    def _find_out(self, operation: Operation, service: Service) -> None:
        """Begun by a process that is no more: it may have acted, be acting still, or neither."""
        if self._has_come(operation, service):
            self._advance(operation, VERIFIED)
            return
        waited = self._waited(operation)
        if self._may_repeat(operation, service):
            # What the killed process had begun is not joined by a second one.
            safe = self._is_safe(service)
            if waited >= (0.0 if safe else limit_of(service.timeout_seconds)):
                self._plan_anew(operation)
        elif waited >= VERIFY_SECONDS:
            self._advance(operation, FAILED, _not_known(operation))

    def _plan_anew(self, operation: Operation) -> None:
        """At once and without a problem: the target has refused nothing."""
        if operation.attempt >= ATTEMPTS:
            self._advance(operation, FAILED, _cut_off(operation))
        else:
            self._advance(operation, PLANNED)

    def _verify(self, operation: Operation, service: Service) -> None:
        if self._has_come(operation, service):
            self._advance(operation, VERIFIED)
        elif self._waited(operation) >= VERIFY_SECONDS:
            self._again_or_failed(operation, service, self._not_proven(operation, service))

    def _has_come(self, operation: Operation, service: Service) -> bool:
        try:
            return self.looks_up(service) is _wished(operation)
        except ActionError:
            return False

    def _not_proven(self, operation: Operation, service: Service) -> Message:
        """Why: it is not so, or cannot be seen."""
        try:
            self.looks_up(service)
        except ActionError as error:
            return error.reason
        return _late(operation)

    def _again_or_failed(self, operation: Operation, service: Service, problem: Message) -> None:
        if self._may_repeat(operation, service):
            self._try_again(operation, problem, operation.attempt)
        else:
            # It was begun, and may cost money already: a second one would cost twice.
            self._advance(operation, FAILED, problem)

    def _may_repeat(self, operation: Operation, service: Service) -> bool:
        return operation.verb == STOP or self._is_safe(service) or service.start_may_repeat

    def _is_safe(self, service: Service) -> bool:
        return self.actors[service.kind].repeats_safely

    def _try_again(self, operation: Operation, problem: Message, attempt: int) -> None:
        if attempt >= ATTEMPTS:
            self._advance(operation, FAILED, problem, attempt)
            return
        pause = PAUSES_SECONDS[min(max(attempt, 1), len(PAUSES_SECONDS)) - 1]
        self._due[operation.seq] = self._clocks.monotonic() + pause
        self._advance(operation, PLANNED, problem, attempt)

    def _waited(self, operation: Operation) -> float:
        """Seconds in this state, as far as this process has seen it."""
        now = self._clocks.monotonic()
        return now - self._since.setdefault(operation.seq, now)

    def _advance(
        self,
        operation: Operation,
        state: str,
        problem: Message | None = None,
        attempt: int | None = None,
    ) -> Operation | None:
        self._since.pop(operation.seq, None)
        return self._book.advance(operation, state, self._clocks.wall(), problem, attempt)


def _wished(operation: Operation) -> bool:
    return operation.verb == START


def _no_service(operation: Operation) -> Message:
    return say(
        "{target} is no [[service]] of the settings any more, so nothing more is done to it; look "
        "yourself whether it is as you want it",
        target=operation.target,
    )


def _late(operation: Operation) -> Message:
    if operation.verb == STOP:
        return say(
            "{target} is not down {seconds} s after it was stopped, and may go on costing money; "
            "look at it, and stop it by hand",
            target=operation.target,
            seconds=f"{VERIFY_SECONDS:g}",
        )
    return say(
        "{target} is not up {seconds} s after it was started; look at it, and start it by hand "
        "where it does not come",
        target=operation.target,
        seconds=f"{VERIFY_SECONDS:g}",
    )


def _cut_off(operation: Operation) -> Message:
    return say(
        "the agent ended each time in the middle of what was to be done with {target}, and the "
        "effect is not there; look at the agent's log, and do it by hand",
        target=operation.target,
    )


def _not_known(operation: Operation) -> Message:
    return say(
        "the agent ended while {target} was started, and it is not up; whether the command had "
        "begun is not known, so it is not run a second time: look, and start it by hand",
        target=operation.target,
    )
