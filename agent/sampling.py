"""Running the collectors: each in its own thread, in its own time, with its own state."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from agent.folding import Folder
from agent.live import LiveBoard
from agent.records import RecordQueue
from models.errors import SourceError
from models.messages import Message, say
from models.monitoring import (
    Absent,
    Answer,
    Collector,
    Harvest,
    Noticing,
    SourceState,
    State,
    Timing,
)
from models.schedule import Attempts, delay_seconds, state_of

log = logging.getLogger(__name__)

WATCHED_SECONDS = 10.0
"""How long after the last look the fast interval stays."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two clocks: intervals by the monotonic one, moments by the wall (UTC epoch seconds)."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


class Audience:
    """Knows whether somebody is looking."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._until = -1.0
        self._listeners: list[threading.Event] = []

    def looked(self) -> None:
        """Called at each look. The first after a pause wakes those who wait the long interval."""
        was_watching = self.watching
        self._until = self._clocks.monotonic() + WATCHED_SECONDS
        if not was_watching:
            for event in self._listeners:
                event.set()

    @property
    def watching(self) -> bool:
        return self._clocks.monotonic() < self._until

    def wake(self, event: threading.Event) -> None:
        self._listeners.append(event)

    def forget(self, event: threading.Event) -> None:
        self._listeners.remove(event)


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where readings go: to the screen now, to the store in batches; records to the store alone."""

    board: LiveBoard
    folder: Folder
    records: RecordQueue


@runtime_checkable
class PartlySilent(Protocol):
    """A collector that goes on without a part that does not answer, and says which."""

    @property
    def left_out(self) -> Mapping[str, Message]: ...


@runtime_checkable
class Closable(Protocol):
    """A collector that holds a connection. Closed by its own thread, between two readings."""

    def close(self) -> None: ...


class Runner:
    """One collector on one thread.

    A thread that hangs cannot be stopped in Python: it is named in the state and waits alone.
    The thread is a daemon, so it never holds back the end of the process either.
    """

    def __init__(
        self,
        collector: Collector,
        timing: Timing,
        machine: str,
        sinks: Sinks,
        audience: Audience,
        clocks: Clocks,
    ) -> None:
        self.collector = collector
        self.timing = timing
        self.machine = machine
        self._sinks = sinks
        self._audience = audience
        self._clocks = clocks
        self._attempts = Attempts()
        self._changed: tuple[State, float] | None = None
        self._series = 0
        self._left_out = 0
        self._duration_seconds = self._work_seconds = 0.0
        self._latency_seconds = 0.0
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"collect-{collector.name}", daemon=True
        )

    def start(self) -> None:
        self._audience.wake(self._wake)
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it may be hanging, so nobody waits for it."""
        self._stopped.set()
        self._audience.forget(self._wake)
        self._wake.set()

    @property
    def answered(self) -> bool:
        """Whether the first reading ended, well or not, or took longer than it may."""
        attempts = self._attempts
        ended = attempts.succeeded_at or attempts.error or attempts.absent
        return bool(ended) or self.state(self._clocks.monotonic()).state is State.ERROR

    def take_latency_seconds(self) -> float:
        """Worst delay between due and started since the last call."""
        latency, self._latency_seconds = self._latency_seconds, 0.0
        return latency

    def state(self, monotonic_seconds: float) -> SourceState:
        attempts = self._attempts
        state, reason = state_of(attempts, self.timing, monotonic_seconds)
        if reason is None:
            reason = self._incomplete()
        succeeded = attempts.succeeded_at
        if self._changed is None or self._changed[0] is not state:
            self._changed = (state, self._clocks.wall())
        return SourceState(
            name=self.collector.name,
            state=state,
            reason=reason,
            age_seconds=None if succeeded is None else monotonic_seconds - succeeded,
            interval_seconds=self._interval_seconds(),
            series=self._series,
            duration_seconds=self._duration_seconds,
            work_seconds=self._work_seconds,
            since_at=self._changed[1],
            machine=self.machine,
        )

    @property
    def findings(self) -> Sequence[Message]:
        """What a person must know of what was read last; nothing while it cannot be read."""
        is_read = self._attempts.succeeded_at is not None and self._attempts.error is None
        return self.collector.findings if is_read and isinstance(self.collector, Noticing) else ()

    def _incomplete(self) -> Message | None:
        """Why a reading that ended well is not the whole of its source."""
        if self._left_out:
            return say(
                "{count} series left out: the limit is {limit}",
                count=self._left_out,
                limit=self.timing.series_max,
            )
        if isinstance(self.collector, PartlySilent):
            return next(iter(self.collector.left_out.values()), None)
        return next(iter(self.findings), None)

    def collect_once(self) -> None:
        """One reading, with whatever comes of it noted; never raises."""
        started, worked = self._clocks.monotonic(), time.thread_time()
        self._attempts = replace(self._attempts, started_at=started)
        try:
            answer = self.collector.collect(started)
        except SourceError as failure:
            self._failed(failure.reason)
        except Exception as failure:  # The last line of defence: a collector outlives its bugs.
            log.exception("collector %s failed", self.collector.name)
            self._failed(say("{kind}: {text}", kind=type(failure).__name__, text=str(failure)))
        else:
            self._duration_seconds = self._clocks.monotonic() - started
            self._work_seconds = time.thread_time() - worked
            self._note(answer)

    def _note(self, answer: Answer) -> None:
        if isinstance(answer, Absent):
            self._attempts = Attempts(absent=answer.reason)
            self._series = self._left_out = 0
            return
        readings = answer.readings if isinstance(answer, Harvest) else answer
        kept = readings[: self.timing.series_max]
        self._left_out = len(readings) - len(kept)
        self._series = len(kept)
        at = self._clocks.wall()
        if not self._stopped.is_set():
            self._sinks.board.add(self.machine, kept, at, self.timing.interval_seconds)
            self._sinks.folder.add(self.machine, kept, at)
            if isinstance(answer, Harvest):
                self._sinks.records.add(answer.records)
        self._attempts = Attempts(succeeded_at=self._clocks.monotonic())

    def _failed(self, reason: Message) -> None:
        before = self._attempts
        if before.error is None:
            log.warning("collector %s: %s", self.collector.name, reason)
        self._attempts = Attempts(
            succeeded_at=before.succeeded_at, failures=before.failures + 1, error=reason
        )

    def _interval_seconds(self) -> float:
        timing = self.timing
        if self._audience.watching and timing.live_interval_seconds is not None:
            return min(timing.interval_seconds, timing.live_interval_seconds)
        return timing.interval_seconds

    def _run(self) -> None:
        self.collect_once()
        due = self._due()
        while not self._stopped.is_set():
            if self._wake.wait(max(0.0, due - self._clocks.monotonic())):
                self._wake.clear()
                # Who begins to look may make it earlier. Never later: a source that is absent or
                # failed would not be tried again while people come and go.
                due = min(due, self._due())
                continue
            self._latency_seconds = max(self._latency_seconds, self._clocks.monotonic() - due)
            self.collect_once()
            due = self._due()
        if isinstance(self.collector, Closable):
            self.collector.close()

    def _due(self) -> float:
        """When the next reading is due, counted from now; on the monotonic clock, in seconds."""
        now = self._clocks.monotonic()
        watched = self._audience.watching
        return now + delay_seconds(self._attempts, self.timing, watched, self._clocks.wall())


def start_all(runners: Iterable[Runner]) -> None:
    for runner in runners:
        runner.start()
