"""The door to stops and starts: what is asked of it, and what it tells."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from agent.sampling import Clocks
from agent.stopping.book import Book
from agent.stopping.carrying import Carrying, Hands, on_a_thread
from agent.stopping.moving import Actor, Mover
from agent.stopping.ordering import STATES, Order, meant, planned
from agent.stopping.telling import Rights, at_work, problems, shape, states
from models.budget.resolved import Back, back_of
from models.errors import ActionRefused, StoreError
from models.messages import Message, say
from models.operations import (
    ACCEPTED,
    ASKED,
    DECLINED,
    PLANNED,
    WOULD,
    Operation,
    Standing,
    is_down_by,
    message_of,
    standing_of,
    text_of,
)
from models.settings.automation import Automation, Permission
from models.settings.service import Service
from models.stopping import (
    START,
    STOP,
    TOTAL,
    Preview,
    all_paid,
    preview,
    stop_order,
    unknown_names,
)
from models.wanted import BUDGET, DOWN, PERSON, SCALING, Wanted, may
from sallim.ledger.money_rows import ESSENTIAL


class Stopping:
    """Thread-safe. `step` is for its own loop; until `take_over` nothing is done."""

    def __init__(
        self,
        book: Book,
        clocks: Clocks,
        hands: Hands = on_a_thread,
        resting: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`resting` says what a person has paused, now; it may raise StoreError."""
        self._book = book
        self._clocks = clocks
        self._mover = Mover(book, clocks)
        self._carrying = Carrying(book, self._mover, clocks, self._carry_out, hands)
        self._services: tuple[Service, ...] = ()
        self._resting = resting
        self._rights = Rights(Automation(), resting)
        self._in_force: tuple[Permission, ...] = ()

    def take_over(
        self, services: Sequence[Service], actors: Mapping[str, Actor], automation: Automation
    ) -> None:
        with self._book.lock:
            self._services = tuple(services)
            self._rights = Rights(automation, self._resting)
            self._mover.services = {service.name: service for service in services}
            self._mover.actors = actors
            self._carrying.is_ready = True
        with suppress(StoreError):  # The next reload comes here again.
            self._book.forget_old(self._clocks.wall())
            self._follow_rights()

    def step(self) -> None:
        """Move what can be moved. Never raises: trouble with the journal is a problem."""
        if self._carrying.is_ready:
            with suppress(StoreError):  # The next step comes here again.
                self._follow_rights()
        self._carrying.step()

    # --- what is asked of it ----------------------------------------------------------------

    def stop(
        self, names: Sequence[str], by: str, reason: Message | str, until: float | None = None
    ) -> str:
        """Gives the batch. Raises StoreError, and ActionRefused where a person names what is not
        known.

        `workflow:NAME` is the workflow that is a [[service]] of that name, and nothing where none
        is.
        """
        return self._order(STOP, names, by, reason, until)

    def start(
        self, names: Sequence[str], by: str, reason: Message | str, until: float | None = None
    ) -> str:
        """A person who starts what the budget holds down overrules it until then, or for a day.

        Others start only what they hold down themselves. Gives the batch. Raises as `stop`.
        """
        return self._order(START, names, by, reason, until)

    def stop_paid(self, reason: Message | str) -> str:
        """By the budget of everything: all that is not essential. Raises StoreError."""
        return self.stop(self.paid(), BUDGET, reason)

    def bring_back(self, reason: Message | str) -> str:
        """By the budget: all that it holds down, asked for or wrote down. Raises StoreError."""
        with self._book.lock:
            names = {*self.names(), *self.stopped_by(BUDGET)}
            return self.start(sorted(names), BUDGET, reason)

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

    def names(self) -> Sequence[str]:
        """All that can be stopped and started."""
        return [service.name for service in self._services]

    def paid(self, bucket_id: str = TOTAL, spares: Collection[str] = (ESSENTIAL,)) -> Sequence[str]:
        """What counts in a bucket and may be stopped for it; priorities in `spares` go on."""
        return all_paid(self._services, bucket_id, spares)

    def stopped_by(self, by: str) -> Sequence[str]:
        """What is wanted down by them."""
        rows = [row for row in self._book.wanted() if row.wanted_by == by and row.state == DOWN]
        return sorted(row.target for row in rows)

    def ordered(self, reason: Message) -> Standing | None:
        """How far what was ordered with this reason has come; None: nothing was, as nothing new
        was needed.
        """
        text = text_of(reason)
        return standing_of([each for each in self.operations() if each.reason == text])

    def brought_back(self, reason: str, since: float) -> Back:
        """What the budget ordered to start with this reason since then."""
        text = text_of(_message(reason))
        return back_of(
            each
            for each in self.operations()
            if (each.verb, each.ordered_by, each.reason) == (START, BUDGET, text)
            and each.planned_at >= since
        )

    def preview(self, names: Collection[str]) -> Preview:
        """What stopping them would do. Asks those who know what is at work, so it may take time."""
        falling = [self._mover.services[name] for name in stop_order(self._services, names)]
        return preview(self._services, names, at_work(falling, self._mover.actors))

    def batch(self, batch: str) -> list[Operation]:
        return self._book.batch(batch)

    def operations(self) -> list[Operation]:
        """All that is kept, in the order in which it was planned."""
        return self._book.operations()

    def states(self) -> dict[str, str]:
        """What is said of each target; see `shown_state`."""
        return states(self._services, self._book, self._clocks.wall())

    def as_json(self) -> dict[str, object]:
        """Shape of `GET /stops`: see docs/ARCHITECTURE.md, "The socket"."""
        now = self._clocks.wall()
        return shape(self._services, self._rights, self._book, now)

    def problems(self) -> list[Message]:
        """What could not be stopped or started, each with what a person can do."""
        trouble = self._carrying.problem
        return [
            *problems(self._services, self._book),
            *([trouble] if trouble is not None else []),
        ]

    def _order(
        self,
        verb: str,
        names: Sequence[str],
        by: str,
        reason: Message | str,
        until: float | None,
    ) -> str:
        now = self._clocks.wall()
        text = _message(reason)
        with self._book.lock:
            order = Order(verb, meant(self._services, names), by, text, now, until)
            if by == PERSON:
                unknown = unknown_names(self._services, order.names)
                if unknown is not None:
                    raise ActionRefused(unknown)
            else:
                order = self._own(order)
            return self._carry_out(order)

    def _carry_out(self, order: Order) -> str:
        with self._book.lock:
            plan = planned(order, self._services, self._rights.of(order.by), self._book)
            self._book.write(plan.operations, plan.wishes, plan.given_up)
            return plan.batch

    def _follow_rights(self) -> None:
        """Settings change them, and pauses that begin and end."""
        with self._book.lock:
            in_force = tuple(self._rights.of(by) for by in (BUDGET, SCALING))
            if in_force != self._in_force:
                for by in (BUDGET, SCALING):
                    self._reconsider(by, STOP)
                    self._reconsider(by, START)
                self._in_force = in_force

    def _reconsider(self, by: str, verb: str) -> None:
        """What was asked or written down under other rights, and is still wanted."""
        right = self._rights.of(by)
        waiting = [
            each
            for name in self.names()
            if (each := self._book.last(name)) is not None
            and (each.verb, each.ordered_by) == (verb, by)
            and each.state in (ASKED, WOULD)
            and each.state != STATES[right]
            and (verb == STOP or is_down_by(self._book.operations(), name, by))
        ]
        if waiting:
            names, reason = [each.target for each in waiting], message_of(waiting[0].reason)
            self._carry_out(Order(verb, names, by, reason, self._clocks.wall()))

    def _own(self, order: Order) -> Order:
        """Without what is no more in the settings, and is nobody's to stop or start.

        To start, only what is theirs: what they asked for, or wrote down, was never stopped.
        """
        known = self._mover.services
        gone = [(name, order.by) for name in order.names if name not in known]
        order = replace(order, names=[name for name in order.names if name in known])
        if order.verb == STOP:
            return order
        self._book.write(given_up=gone)
        written = []
        for name in order.names:
            last = self._book.last(name)
            if last is None or (last.verb, last.ordered_by) != (STOP, order.by):
                continue
            if last.state == ASKED:
                self._book.advance(last, DECLINED, order.now)
            elif last.state == WOULD:
                written.append(name)
        plan = planned(replace(order, names=written), self._services, "off", self._book)
        self._book.write(each for each in plan.operations if each.target in written)
        held = self.stopped_by(order.by)
        return replace(order, names=[name for name in order.names if name in held])


def _message(reason: Message | str) -> Message:
    return reason if isinstance(reason, Message) else Message("{text}", {"text": reason})


def _wish_of(operation: Operation) -> Wanted:
    return Wanted(
        operation.target,
        operation.ordered_by,
        DOWN,
        operation.reason,
        None,
        operation.changed_at,
    )
