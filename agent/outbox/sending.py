"""The outbox at work: what waits becomes messages, and each is sent until somebody took it."""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.outbox.asking import outcome_of
from agent.outbox.setup import Setup
from agent.outbox.workers import Worker
from agent.sampling import Clocks
from data import outbox
from data.control import Control
from data.outbox import Connection
from data.requests import orders as silences
from models.alerts import Alert
from models.alerts.kept import KeptMessage
from models.alerts.lateness import late_of
from models.alerts.outlook import Outlook, Send
from models.alerts.planning import plan
from models.alerts.standing import problems_of
from models.alerts.trying import Breaker, Cause, Outcome, is_dead, wait_seconds, why
from models.alerts.weekly import weekly_tests
from models.errors import StoreError
from models.messages import Message

log = logging.getLogger(__name__)

PERIOD_SECONDS = 1.0
HANG_SECONDS = 60.0
"""Longer than any channel may take by its own limits: so long, and the worker is ended."""
SILENCE = "silence"
IDLE_SECONDS = 60.0
CLOCK_STEP_SECONDS = 30.0
UPKEEP_SECONDS = 60.0
PRUNE_SECONDS = 3600.0


class Outbox:
    """`put` and `acknowledge` are for any thread; `step` is for its loop alone."""

    def __init__(
        self,
        control: Control,
        clocks: Clocks,
        worker: Worker | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.problems: Sequence[Message] = ()
        self.depth = 0
        """Messages and alerts that are to be sent and are not."""
        self._control = control
        self._clocks = clocks
        self._worker = worker or Worker()
        self._chance = chance
        self._setup = Setup.none()
        self._is_stale = False
        self._breakers: dict[str, Breaker] = {}
        self._under_way: dict[int, float] = {}
        self._busy_at = float("-inf")
        self._kept_up_at = self._pruned_at = float("-inf")
        self._offset = clocks.wall() - clocks.monotonic()
        self._is_first = True

    @property
    def under_way(self) -> int:
        """Messages of which the worker has not said yet how they ended."""
        return len(self._under_way)

    def put(self, connection: Connection, alert: Alert) -> int | None:
        """In the transaction of what it reports; its number, None where it is told already."""
        return outbox.put(connection, alert, self._clocks.wall())

    def settle(self, connection: Connection, dedup_key: str) -> None:
        """What lasted is over: put again, it is told at once."""
        outbox.settle(connection, dedup_key)

    def acknowledge(self, number: int, by: str) -> bool:
        return outbox.acknowledge(self._control, number, by)

    def acknowledge_about(self, name: str, by: str) -> int:
        return outbox.acknowledge_about(self._control, name, by)

    def take_over(self, setup: Setup) -> None:
        """A worker that knows other channels is ended as soon as nothing is under way in it."""
        self._setup, self._is_stale = setup, True
        self._kept_up_at = float("-inf")

    def step(self) -> None:
        """Never raises for what the disk may refuse: the next round is a second away."""
        try:
            self._round(self._clocks.wall())
        except StoreError as error:
            log.error("the outbox: %s", error)

    def close(self) -> None:
        """For any thread, at the end: what is under way then goes once more after a start."""
        self._worker.kill()

    def _round(self, now: float) -> None:
        if self._is_first:
            # What the agent was sending when it ended may have arrived: it goes once more.
            outbox.unclaim(self._control)
            self._is_first = False
        self._follow_clock(now)
        self._listen(now)
        self._watch_worker(now)
        self._keep_up(now)
        # Twice: what the first look composed, the second one sends.
        for _ in range(2):
            self._plan(now)

    def _plan(self, now: float) -> None:
        standing = outbox.standing(self._control, now)
        self.depth = len(standing.waiting) + len(standing.unsent)
        if not self.depth:
            return
        outlook = Outlook(
            [each.waiting for each in standing.waiting],
            [each.unsent for each in standing.unsent],
            [each.sent for each in standing.sent],
            self._breakers,
        )
        silenced = [each.target for each in silences(self._control, SILENCE, now)]
        orders = plan(outlook, replace(self._setup.rules, silenced=silenced), now)
        outbox.carry_out(self._control, orders, now)
        for order in orders:
            if isinstance(order, Send) and not self._is_stale:
                self._send(order.id, now)

    def _send(self, message_id: int, now: float) -> None:
        if not self._worker.is_running:
            try:
                self._worker.start(self._setup.addresses, self._setup.language)
            except OSError as error:
                log.error("the sender of messages cannot be started: %s", error)
                return
        message, alerts = outbox.claim(self._control, message_id)
        if not alerts:
            outbox.drop(self._control, message_id)
            return
        self._under_way[message_id] = self._busy_at = self._clocks.monotonic()
        late = late_of(message, alerts, self._breakers.get(message.channel, Breaker()), now)
        told = [each.told(self._setup.public_url) for each in alerts]
        self._worker.send(
            {
                "id": message_id,
                "channel": message.channel,
                "severity": message.severity,
                "alerts": [one.as_json() for one in told],
                "late": late and {"seconds": late.seconds, "reason": late.reason.as_json()},
            }
        )

    def _listen(self, now: float) -> None:
        for answer in self._worker.answers():
            if "id" in answer:
                self._take(answer, now)

    def _take(self, answer: Mapping[str, Any], now: float) -> None:
        if self._under_way.pop(answer["id"], None) is None:
            return
        self._end(int(answer["id"]), outcome_of(answer), now)

    def _end(self, message_id: int, outcome: Outcome, now: float) -> None:
        message = outbox.message_of(self._control, message_id)
        breaker = self._breakers.get(message.channel, Breaker())
        chance = self._chance()
        self._breakers[message.channel] = breaker.after(outcome, now, chance)
        self._kept_up_at = float("-inf")
        if outcome.is_sent:
            outbox.sent(self._control, message_id, now)
        elif is_dead(message.tries + 1, now - message.composed_at, outcome):
            log.error("message %d to %s is given up: %s", message_id, message.channel, why(outcome))
            outbox.dead(self._control, message_id, why(outcome), now)
        else:
            self._try_later(message, outcome, now + wait_seconds(message.tries, outcome, chance))

    def _try_later(self, message: KeptMessage, outcome: Outcome, not_before: float) -> None:
        reason = why(outcome)
        log.warning("message %d to %s is not through: %s", message.id, message.channel, reason)
        outbox.failed(self._control, message.id, reason, not_before)

    def _watch_worker(self, now: float) -> None:
        """A worker that ended or hangs takes what it had under way with it; that goes again."""
        monotonic = self._clocks.monotonic()
        if self._under_way:
            started_at = min(self._under_way.values())
            if self._worker.is_running and monotonic - started_at < HANG_SECONDS:
                return
            self._worker.kill()
            self._listen(now)
            lost, self._under_way = self._under_way, {}
            for message_id in lost:
                self._end(message_id, Outcome(False, Cause.WORKER), now)
        elif self._is_stale or monotonic - self._busy_at >= IDLE_SECONDS:
            self._worker.stop()
            self._is_stale = False

    def _follow_clock(self, now: float) -> None:
        """Where the wall clock was set, ages and waits stay as they are."""
        offset = now - self._clocks.monotonic()
        step, self._offset = offset - self._offset, offset
        if abs(step) >= CLOCK_STEP_SECONDS:
            outbox.shift(self._control, step)
            self._breakers = {
                name: breaker.shifted(step) for name, breaker in self._breakers.items()
            }

    def _keep_up(self, now: float) -> None:
        """Now and then, and whenever something has ended."""
        monotonic = self._clocks.monotonic()
        if monotonic - self._kept_up_at < UPKEEP_SECONDS:
            return
        self._kept_up_at = monotonic
        tests = weekly_tests(self._setup.rules, self._setup.test_weekday, now)
        if tests:
            with self._control.transaction() as connection:
                for test in tests:
                    self.put(connection, test)
        dead = outbox.dead_letters(self._control, now)
        self.problems = [
            *self._setup.problems,
            *problems_of(self._breakers, dead, self._setup.rules, now),
        ]
        if monotonic - self._pruned_at >= PRUNE_SECONDS:
            self._pruned_at = monotonic
            outbox.prune(self._control, now)
