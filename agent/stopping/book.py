"""The journal of stops and who wants what, in memory and in control.sqlite3: the file first."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from data.control import Control
from data.stops import add, change, forget_old, operations, undone
from data.wanted import forget_wanted, put_wanted, wanted
from models.messages import Message
from models.operations import (
    ASKED,
    SUPERSEDED,
    Operation,
    Undone,
    latest,
    text_of,
    undone_of,
)
from models.wanted import Wanted, holding

Tell = Callable[[Any, Operation], None]
"""Told of each change of state, with the connection of its transaction: what is to be sent to a
person is kept together with what happened, or neither is."""


def tell_nobody(_connection: object, _operation: Operation) -> None:
    pass


class Book:
    """Thread-safe. The agent alone writes the file, so it is read once."""

    def __init__(self, control: Control, tell: Tell = tell_nobody) -> None:
        self.lock = threading.RLock()
        self._control = control
        self._tell = tell
        self._operations = {each.seq: each for each in operations(control)}
        self._undone = undone(control)
        self._wanted = {(each.target, each.wanted_by): each for each in wanted(control)}

    def operations(self) -> list[Operation]:
        """In the order in which they were planned."""
        with self.lock:
            return list(self._operations.values())

    def open(self) -> list[Operation]:
        return [each for each in self.operations() if each.is_open]

    def batch(self, batch: str) -> list[Operation]:
        return [each for each in self.operations() if each.batch == batch]

    def last(self, target: str) -> Operation | None:
        return latest(self.operations(), target)

    def undone(self) -> list[Undone]:
        """All that was not done since install, counted."""
        with self.lock:
            return undone_of(self._operations.values(), self._undone)

    def wanted(self) -> list[Wanted]:
        with self.lock:
            return list(self._wanted.values())

    def held(self, target: str, now: float) -> Wanted | None:
        return holding(self.wanted(), target, now)

    def write(
        self,
        fresh: Iterable[Operation] = (),
        wishes: Iterable[Wanted] = (),
        given_up: Iterable[tuple[str, str]] = (),
        closed: Iterable[Operation] = (),
    ) -> None:
        """New operations and wishes, all or nothing; `given_up` are targets and who wanted it,
        `closed` operations as they are from now on.

        What is still open or asked gives way to a new operation of its target. Raises StoreError.
        """
        with self.lock:
            wishes = [wish for wish in wishes if not self._is_known(wish)]
            given_up = [key for key in given_up if key in self._wanted]
            first = max(self._operations, default=0) + 1
            fresh = [each._replace(seq=seq) for seq, each in enumerate(fresh, first)]
            changed = list(closed)
            answered = {each.seq for each in changed}
            changed += [
                old._replace(state=SUPERSEDED, changed_at=at)
                for old in self.operations()
                if old.seq not in answered and (at := _replaced_at(old, fresh)) is not None
            ]
            if not (fresh or wishes or given_up or changed):
                return
            with self._control.transaction() as connection:
                for target, wanted_by in given_up:
                    forget_wanted(connection, target, wanted_by)
                for wish in wishes:
                    put_wanted(connection, wish)
                for after in changed:
                    change(connection, self._operations[after.seq], after)
                for operation in fresh:
                    add(connection, operation)
                    self._tell(connection, operation)
            for key in given_up:
                self._wanted.pop(key, None)
            self._wanted |= {(each.target, each.wanted_by): each for each in wishes}
            self._keep(changed)
            self._keep(fresh)

    def advance(
        self,
        before: Operation,
        state: str,
        now: float,
        problem: Message | None = None,
        attempt: int | None = None,
    ) -> Operation | None:
        """The operation in its next state, None where it has given way meanwhile.

        Without a `problem` the last one stays. Raises StoreError.
        """
        after = before._replace(
            state=state,
            attempt=before.attempt if attempt is None else attempt,
            problem=before.problem if problem is None else text_of(problem),
            changed_at=now,
        )
        with self.lock:
            with self._control.transaction() as connection:
                if not change(connection, before, after):
                    return None
                self._tell(connection, after)
            self._keep([after])
        return after

    def forget_old(self, now: float) -> None:
        """Raises StoreError."""
        with self.lock:
            forget_old(self._control, now)
            self._operations = {each.seq: each for each in operations(self._control)}
            self._undone = undone(self._control)

    def _is_known(self, wish: Wanted) -> bool:
        """A word that is only repeated stays as it was first said."""
        old = self._wanted.get((wish.target, wish.wanted_by))
        return old is not None and (old.state, old.until) == (wish.state, wish.until)

    def _keep(self, changed: Iterable[Operation]) -> None:
        self._operations |= {each.seq: each for each in changed}


def _replaced_at(old: Operation, fresh: Iterable[Operation]) -> float | None:
    """When something new takes the place of an operation, None where nothing does."""
    for new in fresh:
        if new.target == old.target and (old.state == ASKED or (old.is_open and new.is_open)):
            return new.planned_at
    return None
