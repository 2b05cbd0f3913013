"""Stops and pauses of budgets: written down, asked for, and asked back when they end."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from data.budget import drop_stop, keep_stop, stops
from data.control import Control
from models.budget.alert import Alert
from models.budget.full import Full
from models.budget.kept import BACK, DONE, ORDERED, PAUSED, Stop
from models.budget.orders import BringBack, Order, PauseWorkflow, StopPaid
from models.budget.policy import WORKFLOW
from models.budget.resolved import Back
from models.budget.state import BucketState, Stopped
from models.budget.words import full_message
from models.errors import SallimError
from models.messages import Message, say

MICRO = 1_000_000
BY = "budget"


class Outbox(Protocol):
    """Where an alert is written, in the caller's transaction of control."""

    def put(self, connection: object, alert: Alert) -> None: ...


class Stopping(Protocol):
    """Who stops and starts; asked twice for the same it does it once. Raises SallimError."""

    def stop(self, targets: Sequence[str], by: str, reason: str) -> str: ...
    def start(self, targets: Sequence[str], by: str, reason: str) -> str: ...
    def brought_back(self, reason: str, since: float) -> Back:
        """What was ordered to start with this reason since then. UTC epoch seconds."""


Paid = Callable[[str, Sequence[str]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Hands:
    """What is needed of the world.

    `paid` names what costs money and counts in a bucket, but for the priorities that are spared.
    `cap_at` says when the cap of a bucket, by that version of its rule, is reached at this pace;
    None where that is not known. `full` are the budgets in which what runs has no room.
    """

    outbox: Outbox
    stopping: Stopping
    paid: Paid
    cap_at: Callable[[str, int], float | None]
    full: Callable[[], Collection[Full]] = frozenset


class Stops:
    """One thread only."""

    def __init__(self, control: Control, hands: Hands) -> None:
        self._control = control
        self._hands = hands

    @staticmethod
    def stopped(stop: Stop | None) -> Stopped | None:
        return None if stop is None else Stopped(stop.start_us / MICRO, stop.version)

    def carry_out(
        self, orders: Sequence[Order], states: Mapping[str, BucketState], now: float
    ) -> Message | None:
        """What could not be done, else None. One that fails keeps no other from being done."""
        known = {stop.bucket_id: stop for stop in stops(self._control)}
        back = {order.bucket_id for order in orders if isinstance(order, BringBack)}
        # Of a bucket without a budget nothing is decided any more.
        back |= {name for name in known.keys() - states.keys() if not name.startswith(PAUSED)}
        steps: list[Callable[[], None]] = []
        for order in orders:
            if isinstance(order, StopPaid | PauseWorkflow):
                bucket_id, wanted = self._wanted(order)
                before = known.get(bucket_id)
                steps.append(partial(self._stop, states[bucket_id], before, wanted, now))
        steps += [partial(self.bring_back, known[name]) for name in sorted(back & known.keys())]
        return _first_problem(steps)

    def _wanted(self, order: StopPaid | PauseWorkflow) -> tuple[str, list[str]]:
        if isinstance(order, PauseWorkflow):
            target = f"{WORKFLOW}{order.name}"
            return target, [target]
        return order.bucket_id, sorted(self._hands.paid(order.bucket_id, order.spares))

    def _stop(
        self, bucket: BucketState, known: Stop | None, wanted: Sequence[str], now: float
    ) -> None:
        before = [] if known is None else json.loads(known.targets)
        targets = sorted({*before, *wanted})
        rule = (int(bucket.start * MICRO), bucket.version)
        if known is not None and known.state == DONE and targets == before:
            if (known.start_us, known.version) != rule:
                keep_stop(self._control, known._replace(start_us=rule[0], version=rule[1]))
            return
        stop = Stop(bucket.bucket_id, *rule, ORDERED, json.dumps(targets), "", now)
        keep_stop(self._control, stop)
        reason = str(_why(bucket))
        stop_id = self._hands.stopping.stop(targets, BY, reason) if targets else ""
        keep_stop(self._control, stop._replace(state=DONE, stop_id=stop_id))

    def bring_back(self, stop: Stop) -> None:
        """But for what another budget holds. Raises SallimError."""
        keep_stop(self._control, stop._replace(state=BACK))
        others = (each for each in stops(self._control) if each.bucket_id != stop.bucket_id)
        held = {target for each in others for target in json.loads(each.targets)}
        targets = [target for target in json.loads(stop.targets) if target not in held]
        if targets:
            self._hands.stopping.start(targets, BY, back_reason(stop.bucket_id))
        drop_stop(self._control, stop.bucket_id)


def _why(bucket: BucketState) -> Message:
    if bucket.is_full:
        return full_message(bucket)
    return say("all of the budget {bucket} is spent", bucket=bucket.bucket_id)


def back_reason(bucket_id: str) -> str:
    """Why something is started again; by it that is found."""
    return str(say("there is money again in the budget {bucket}", bucket=bucket_id))


def _first_problem(steps: Sequence[Callable[[], None]]) -> Message | None:
    problem: Message | None = None
    for step in steps:
        try:
            step()
        except SallimError as error:
            problem = problem or say("a stop of the budget failed: {reason}", reason=str(error))
    return problem
