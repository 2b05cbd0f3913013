"""The probe as a whole: collectors, a bucket every ten seconds, the spool, the hub."""

import logging
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from agent.collectors.itself import Vitals
from agent.folding import BUCKET_SECONDS, Folder
from agent.lean import give_back_memory
from agent.live import LiveBoard
from agent.notify import Notifier
from agent.probe.clock import HubClock
from agent.probe.hub import Hub
from agent.probe.pushing import Pusher
from agent.probe.wiring import Chosen, collectors_of
from agent.records import RecordQueue
from agent.sampling import Audience, Clocks, Runner, Sinks, start_all
from data.spool import Spool
from models.errors import SourceError
from models.live import USUAL_INTERVAL_SECONDS
from models.monitoring import Reading, Row, State
from models.pushing import PROBLEMS_MAX, Head, text_of_rows
from sallim import __version__

log = logging.getLogger(__name__)

GRACE_SECONDS = 1.0
"""How long after its end a bucket is closed."""
GREETING_SECONDS = 5.0
LEAVING_SECONDS = 5.0
PACK_LEVEL = 3

Choosing = Callable[[float, Callable[[], Vitals]], list[Chosen]]


class NoScreen(LiveBoard):
    """Nobody looks at a probe itself."""

    def add(
        self,
        machine: str,
        readings: Iterable[Reading],
        at: float,
        every_seconds: float = USUAL_INTERVAL_SECONDS,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Options:
    machine: str
    interval_seconds: float = 10.0
    bucket_seconds: int = BUCKET_SECONDS


class Probe:
    """Build it, `run()` it; `stop()` may be called from a signal handler."""

    def __init__(
        self,
        options: Options,
        hub: Hub,
        spool: Spool,
        notifier: Notifier,
        collectors: Choosing = collectors_of,
    ) -> None:
        self._options = options
        self._spool = spool
        self._notifier = notifier
        self._clock = HubClock()
        clocks = Clocks(wall=self._clock.wall)
        self._folder = Folder(options.bucket_seconds)
        self._stop = threading.Event()
        self._keeping = threading.Lock()
        self._pusher = Pusher(hub, spool, self._clock, self._head, options.bucket_seconds)
        self._pusher.clock_changed = self._keep_all
        sinks = Sinks(NoScreen(), self._folder, RecordQueue())
        audience = Audience(clocks)
        self._runners = [
            Runner(each.collector, each.timing, options.machine, sinks, audience, clocks)
            for each in collectors(options.interval_seconds, self._vitals)
        ]

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Until `stop()`; then what was collected is pushed, and the hub knows that it is off."""
        try:
            taken = self._pusher.greet(GREETING_SECONDS)
            log.info("the hub %s takes pushes of %s", taken.hub, self._options.machine)
        except SourceError as trouble:
            log.warning("%s; it is tried again, and what is collected is kept", trouble.reason)
        start_all(self._runners)
        self._pusher.start()
        self._notifier.ready()
        give_back_memory()
        while not self._stop.wait(self._delay_seconds()):
            self._keep(self._clock.wall() - GRACE_SECONDS)
            self._notifier.watchdog()
        self._end()

    def _end(self) -> None:
        self._notifier.stopping()
        for runner in self._runners:
            runner.stop()
        self._keep_all()
        if self._pusher.stop(LEAVING_SECONDS):
            log.info("the hub knows that %s is off", self._options.machine)
        else:
            log.warning("%d buckets wait for the next start", self._spool.waiting)
        self._spool.close()

    def _delay_seconds(self) -> float:
        period = self._options.bucket_seconds
        grace = min(GRACE_SECONDS * 1.5, 0.5 * period)
        return period - (self._clock.wall() - grace) % period

    def _keep_all(self) -> None:
        self._keep(float("inf"))

    def _keep(self, ended_before: float) -> None:
        """Bring the buckets that ended before that moment to the spool."""
        with self._keeping:
            rows = self._folder.take(ended_before)
            for at, bucket in groupby(rows, key=lambda row: row.taken_at):
                self._append(at, list(bucket))
        if rows:
            self._pusher.wake()

    def _append(self, at: int, rows: list[Row]) -> None:
        is_own_clock = int(not self._clock.is_corrected)
        text = f"{at},{is_own_clock}\n{text_of_rows(rows)}"
        self._spool.append(zlib.compress(text.encode(), PACK_LEVEL), len(rows))

    def _head(self, run: str, leaving: bool) -> Head:
        return Head(
            probe=self._spool.probe,
            run=run,
            machine=self._options.machine,
            version=__version__,
            interval_seconds=max(self._options.interval_seconds, self._options.bucket_seconds),
            leaving=leaving,
            dropped=self._spool.dropped_records,
            problems=tuple(self._problems()),
        )

    def _problems(self) -> list[str]:
        now = time.monotonic()
        states = [runner.state(now) for runner in self._runners]
        found = [
            f"{state.name}: {state.reason}"
            for state in states
            if state.state in (State.ERROR, State.STALE) and state.age_seconds is not None
        ]
        if self._clock.is_corrected:
            found.append(
                f"its clock differs by {self._clock.skew_seconds:.0f} s from the hub's, whose time "
                "its values carry; set it with NTP"
            )
        if self._spool.problem is not None:
            found.append(f"the spool {self._spool.folder} takes nothing: {self._spool.problem}")
        return found[:PROBLEMS_MAX]

    def _vitals(self) -> Vitals:
        now = time.monotonic()
        runners = self._runners
        return Vitals(
            tick_latency_seconds=max((r.take_latency_seconds() for r in runners), default=0.0),
            dropped=self._folder.dropped + self._spool.dropped_values,
            collector_seconds={r.collector.name: r.state(now).duration_seconds for r in runners},
            spool_bytes=self._spool.size_bytes,
            spool_bytes_max=self._spool.bytes_max,
            spool_buckets=self._spool.waiting,
        )
