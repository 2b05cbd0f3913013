"""Carrying operations out: what is due is moved, each on a thread of its own.

Words that run out, and what is up though it is wanted down, become operations here as well.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from agent.sampling import Clocks
from agent.stopping.book import Book
from agent.stopping.moving import Mover
from agent.stopping.ordering import Order, requirements
from models.errors import ActionError, StoreError
from models.messages import Message, say
from models.operations import (
    FAILED,
    PLANNED,
    VERIFIED,
    Operation,
    failed_before,
    is_ready,
    is_under_way,
    message_of,
)
from models.settings.service import Service
from models.stopping import START, STOP
from models.wanted import DOWN, UP, Wanted, has_run_out

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Operations that are moved at the same time: one that hangs delays few others."""
WATCH_SECONDS = 60.0
"""How often what is wanted down is looked at: somebody may have started it by hand, and what could
not be stopped is tried again."""

Hands = Callable[[Callable[[], None]], None]
"""Does a job soon: on a thread, or in a test at once."""


def on_a_thread(job: Callable[[], None]) -> None:
    """Nobody waits for it at the end: the next start finds in the journal what was cut off."""
    threading.Thread(target=job, name="stopping", daemon=True).start()


class Carrying:
    """`step` is for one loop; until `is_ready` nothing is done."""

    def __init__(
        self,
        book: Book,
        mover: Mover,
        clocks: Clocks,
        order: Callable[[Order], str],
        hands: Hands,
    ) -> None:
        self.problem: Message | None = None
        self.is_ready = False
        self._book = book
        self._mover = mover
        self._clocks = clocks
        self._order = order
        self._hands = hands
        self._busy: set[str] = set()
        self._watch_at = float("-inf")

    def step(self) -> None:
        """Move what can be moved. Never raises: trouble with the journal becomes `problem`."""
        if not self.is_ready:
            return
        try:
            self._let_run_out()
            self._watch()
            self._move_all()
        except StoreError as error:
            self._in_trouble(error)
        else:
            if not self._book.open():
                self.problem = None

    def _move_all(self) -> None:
        requires = requirements(list(self._mover.services.values()))
        for operation in self._book.open():
            if operation.target in self._busy or not self._mover.is_due(operation):
                continue
            if len(self._busy) >= AT_ONCE:
                return
            batch = self._book.batch(operation.batch)
            missing = failed_before(operation, batch, requires)
            if operation.state == PLANNED and missing:
                self._mover.fail(operation, _not_without(operation.target, missing))
            elif operation.state != PLANNED or is_ready(operation, batch, requires):
                self._hand_over(operation.target, partial(self._move, operation))

    def _move(self, operation: Operation) -> None:
        try:
            self._mover.move(operation)
        except StoreError:
            raise
        except Exception:
            log.exception(
                "the %s of %s failed by a fault of ours", operation.verb, operation.target
            )
            self._mover.fail(operation, _fault(operation.target))

    def _let_run_out(self) -> None:
        """Words that were good until a moment: what they held goes where it is wanted without."""
        now = self._clocks.wall()
        for row in [each for each in self._book.wanted() if has_run_out(each, now)]:
            with self._book.lock:
                held = self._book.held(row.target, now)
                is_known = row.target in self._mover.services
                if is_known and row.state == DOWN and (held is None or held.state == UP):
                    self._order(Order(START, [row.target], row.wanted_by, _is_over(row), now))
                elif is_known and row.state == UP and held is not None and held.state == DOWN:
                    self._again(row.target, held, _is_over(row), ends=(row.target, row.wanted_by))
                else:
                    self._book.write(given_up=[(row.target, row.wanted_by)])

    def _watch(self) -> None:
        if self._clocks.monotonic() < self._watch_at:
            return
        self._watch_at = self._clocks.monotonic() + WATCH_SECONDS
        now = self._clocks.wall()
        for service in self._mover.services.values():
            held, last = self._book.held(service.name, now), self._book.last(service.name)
            is_wanted_down = held is not None and held.state == DOWN
            if service.name in self._busy:
                continue
            if last is not None and not is_wanted_down and _is_failed_start(last):
                self._hand_over(service.name, partial(self._mover.look_late, last, service))
            elif held is None or not is_wanted_down:
                continue
            elif last is not None and (last.verb, last.state) == (STOP, VERIFIED):
                self._hand_over(service.name, partial(self._look_again, service, held))
            elif not is_under_way(last, STOP, now):
                self._again(service.name, held, message_of(held.reason))

    def _look_again(self, service: Service, held: Wanted) -> None:
        with suppress(ActionError):
            if self._mover.looks_up(service) is True:
                self._again(service.name, held, _is_up_again(service.name))

    def _again(
        self, target: str, held: Wanted, reason: Message, ends: tuple[str, str] | None = None
    ) -> None:
        now = self._clocks.wall()
        self._order(
            Order(STOP, [target], held.wanted_by, reason, now, held.until, again=True, ends=ends)
        )

    def _hand_over(self, target: str, job: Callable[[], None]) -> None:
        def done() -> None:
            try:
                job()
                self.problem = None
            except StoreError as error:
                self._in_trouble(error)
            finally:
                self._busy.discard(target)

        self._busy.add(target)
        self._hands(done)

    def _in_trouble(self, error: StoreError) -> None:
        problem = say("stops and starts cannot be written down: {reason}", reason=str(error))
        if problem != self.problem:
            log.error("%s", problem)
        self.problem = problem


def _is_failed_start(operation: Operation) -> bool:
    return (operation.verb, operation.state) == (START, FAILED)


def _not_without(target: str, missing: str) -> Message:
    return say(
        "{target} is not started, because it requires {other}, which did not come up",
        target=target,
        other=missing,
    )


def _fault(target: str) -> Message:
    return say(
        "what was to be done with {target} ended by a fault of Sallim's, which stands in the "
        "agent's log; look whether it is as you want it",
        target=target,
    )


def _is_over(row: Wanted) -> Message:
    if row.state == DOWN:
        return say("the time for which {target} was stopped is over", target=row.target)
    return say("the time for which {target} was to stay up all the same is over", target=row.target)


def _is_up_again(target: str) -> Message:
    return say("{target} is up again, though it is wanted down", target=target)
