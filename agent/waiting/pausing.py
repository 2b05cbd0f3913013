"""Workflows that can only fail: paused, and brought back when there is money again.

By the same journal of stops and the same wanted state as whatever else a budget stops, so that no
budget starts what another one holds, and a person's word counts more.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from agent.asking import Asking
from agent.budget_stops import BY, Outbox, Stopping, Stops
from agent.sampling import Clocks
from data.budget import keep_stop, stops
from data.control import Control
from data.ops.refused import last_errors
from data.waiting import items
from models.budget.alert import LINK, Alert
from models.budget.kept import BACK, DONE, ORDERED, PAUSED, Stop
from models.budget.state import NOTHING, BucketState
from models.messages import Message, say
from models.settings import Settings
from models.settings.service import Service
from models.stopping import WORKFLOW
from models.waiting.item import N8N, WAITING, WaitingItem
from models.waiting.pacing import room_of
from models.waiting.recognising import RefusedFor, recognise
from sallim.money import MICRO

EVERY_SECONDS = 30.0


class Pause(NamedTuple):
    """A workflow that is paused, and what its last run was refused for."""

    service: str
    refusal: RefusedFor

    @property
    def name(self) -> str:
        """As the stop is named: whoever begins anew reads from it what it waits for."""
        refusal = self.refusal
        return (
            f"{PAUSED}{self.service}|{refusal.priority}|{refusal.needed_micro}|{refusal.bucket_id}"
        )

    @classmethod
    def of(cls, stop: Stop) -> "Pause":
        service, priority, needed, bucket_id = stop.bucket_id.removeprefix(PAUSED).split("|", 3)
        return cls(service, RefusedFor("", bucket_id, priority, int(needed)))


class Pausing:
    """`step` is for the thread of the budgets, which alone writes down stops."""

    def __init__(
        self,
        control: Control,
        store: Asking,
        clocks: Clocks,
        world: tuple[Outbox, Stopping, Stops],
    ) -> None:
        self._control = control
        self._store = store
        self._clocks = clocks
        self._outbox, self._stopping, self._stops = world
        self._due_at = float("-inf")

    def step(self, settings: Settings, states: Mapping[str, BucketState]) -> None:
        """Raises SallimError."""
        now = self._clocks.monotonic()
        if now < self._due_at or not states:
            return
        self._due_at = now + EVERY_SECONDS
        paused = {Pause.of(each).service: each for each in stops(self._control) if _is_ours(each)}
        for stop in paused.values():
            self._go_on(stop, settings, states)
        waiting = [each for each in items(self._control) if each.state == WAITING and each.is_n8n]
        for lane in dict.fromkeys(each.lane for each in waiting):
            first = next(each for each in waiting if each.lane == lane)
            service = _service_of(lane, settings.service)
            if service is not None and service.name in paused:
                continue
            refusal = self._only_fails(lane, settings, states)
            if refusal is not None:
                self._pause(service, first, refusal, settings, states[refusal.bucket_id])

    def _only_fails(
        self, lane: tuple[str, str], settings: Settings, states: Mapping[str, BucketState]
    ) -> RefusedFor | None:
        """What its last run was refused for, if all the last ones were and it still would be."""
        count = settings.waiting.refusals_max
        errors = self._store.read(
            partial(last_errors, source=lane[0], workflow_id=lane[1], count=count)
        )
        refusals = [recognise(error) for error in errors]
        if len(refusals) < count or None in refusals:
            return None
        last = refusals[0]
        return last if last is not None and _refuses(last, settings, states) else None

    def _pause(
        self,
        service: Service | None,
        item: WaitingItem,
        refusal: RefusedFor,
        settings: Settings,
        bucket: BucketState,
    ) -> None:
        count = settings.waiting.refusals_max
        is_done = service is not None and settings.automation.stop == "on"
        alert = _alert(service, item, count, bucket, is_done=is_done)
        rule = (int(bucket.start * MICRO), bucket.version)
        if service is None or is_done:
            with self._control.transaction() as connection:
                self._outbox.put(connection, alert)
        if service is None:
            return
        targets = json.dumps([service.name])
        name = Pause(service.name, refusal).name
        stop = Stop(name, *rule, ORDERED, targets, "", self._clocks.wall())
        keep_stop(self._control, stop)
        self._stop(stop)

    def _stop(self, stop: Stop) -> None:
        reason = say(
            "its last runs were all refused, and the budget {bucket} refuses still",
            bucket=Pause.of(stop).refusal.bucket_id,
        )
        stop_id = self._stopping.stop(json.loads(stop.targets), BY, str(reason))
        keep_stop(self._control, stop._replace(state=DONE, stop_id=stop_id))

    def _go_on(self, stop: Stop, settings: Settings, states: Mapping[str, BucketState]) -> None:
        """With what was begun before a crash, and back as soon as it would be let through."""
        refusal = Pause.of(stop).refusal
        if stop.state == BACK or not _refuses(refusal, settings, states):
            self._stops.bring_back(stop)
        elif stop.state == ORDERED:
            self._stop(stop)


def _is_ours(stop: Stop) -> bool:
    return stop.bucket_id.startswith(PAUSED)


def _refuses(refusal: RefusedFor, settings: Settings, states: Mapping[str, BucketState]) -> bool:
    """By what is spent: what is only kept free for calls under way comes and goes."""
    bucket = states.get(refusal.bucket_id)
    if bucket is None:
        return False
    room = room_of(bucket._replace(open_won=NOTHING), settings.budget)
    return room.left_for(refusal.priority) < max(refusal.needed_micro, 1)


def _service_of(lane: tuple[str, str], services: Iterable[Service]) -> Service | None:
    source, workflow_id = lane
    return next(
        (
            each
            for each in services
            if each.kind == WORKFLOW and (f"{N8N}{each.n8n}", each.subject) == (source, workflow_id)
        ),
        None,
    )


def _alert(
    service: Service | None, item: WaitingItem, count: int, bucket: BucketState, *, is_done: bool
) -> Alert:
    title = (
        say("{name} is paused: its last {count} runs were all refused", name=item.name, count=count)
        if is_done
        else say(
            "{name} can only fail: its last {count} runs were all refused",
            name=item.name,
            count=count,
        )
    )
    lines: Sequence[Message] = (
        say("the budget {bucket} refuses still", bucket=bucket.bucket_id),
        say("it is brought back when there is money again")
        if service is not None
        else say("name it as a [[service]] of kind n8n_workflow, and it is paused by itself"),
    )
    key = f"waiting:pause:{item.source}:{item.kind}:{int(bucket.start)}:{bucket.version}"
    return Alert(key, "block", "warn", title, tuple(lines), LINK, bucket.bucket_id)
