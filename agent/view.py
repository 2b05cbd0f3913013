"""What the agent tells of itself: the answers behind the socket."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from agent.budgeting import Budgeting
from agent.costs import Costs
from agent.dues import Dues
from agent.jobs import Jobs
from agent.live import LiveBoard
from agent.metering import Metering
from agent.prepaid import Prepaid
from agent.sampling import Audience, Clocks, Runner
from agent.stopping import Stopping
from agent.storing import StoreLoop
from data.ops.report import MEGABYTE, OpenReport, StoreStatus
from models.beats import BeatState
from models.machines import MachineState, problems_of
from models.messages import Message, say
from models.monitoring import Detailed, SourceState, State
from models.watchdog import Tick, silent_loops


class Querying(Protocol):
    """What the view needs of the store."""

    def query(
        self, sql: str, params: Sequence[object], *, rows_max: int, seconds_max: float
    ) -> bytes: ...
    def status(self) -> StoreStatus: ...
    @property
    def report(self) -> OpenReport: ...


class Troubled(Protocol):
    """Something that says what keeps it from being well."""

    def problems(self) -> Sequence[Message]: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """What does not change while the agent runs."""

    machine: str
    version: str
    demo: bool
    pid: int
    started_at: float


@dataclass(frozen=True, slots=True)
class QueryLimits:
    rows_max: int
    seconds_max: float


class AgentView:
    """Thread-safe by only reading. Answers `View` of `agent/server.py`."""

    def __init__(
        self,
        identity: Identity,
        board: LiveBoard,
        store: Querying,
        audience: Audience,
        clocks: Clocks,
    ) -> None:
        self.identity = identity
        self.limits = QueryLimits(rows_max=200_000, seconds_max=5.0)
        self.runners: Sequence[Runner] = ()
        self.loops: Callable[[], Mapping[str, Tick]] = dict
        self.settings: dict[str, object] = {}
        self.store_loop: StoreLoop | None = None
        self.listener_problem: Message | None = None
        self.audit_problem: Message | None = None
        self.jobs: Jobs | None = None
        self.costs: Costs | None = None
        self.budgeting: Budgeting | None = None
        self.dues: Dues | None = None
        self.prepaid: Prepaid | None = None
        self.metering: Metering | None = None
        self.stopping: Stopping | None = None
        self.steering: Troubled | None = None
        self.machines: Callable[[], Sequence[MachineState]] = list
        self.beats: Callable[[], Sequence[BeatState]] = list
        self._board = board
        self._store = store
        self._audience = audience
        self._clocks = clocks

    def sources(self) -> list[SourceState]:
        now = self._clocks.monotonic()
        return [runner.state(now) for runner in self.runners]

    def live(self, history: Sequence[str], minutes: int) -> bytes:
        self._audience.looked()
        now = self._clocks.wall()
        return json.dumps(
            {
                "at": round(now, 3),
                "machine": self.identity.machine,
                "version": self.identity.version,
                "demo": self.identity.demo,
                "sources": [_source_shape(source) for source in self.sources()],
                "machines": [machine.as_json() for machine in self.machines()],
                "series": self._board.as_json(frozenset(history), now - minutes * 60),
            },
            separators=(",", ":"),
        ).encode()

    def details(self) -> dict[str, object]:
        """What sources know that no series can say, by the name of the source."""
        return {
            runner.collector.name: runner.collector.details()
            for runner in self.runners
            if isinstance(runner.collector, Detailed)
        }

    def stops(self) -> dict[str, object]:
        """What can be stopped, how it stands, and what was done or would have been."""
        return {} if self.stopping is None else self.stopping.as_json()

    def query(self, sql: str, params: Sequence[object]) -> bytes:
        limits = self.limits
        return self._store.query(
            sql, params, rows_max=limits.rows_max, seconds_max=limits.seconds_max
        )

    def metrics(self) -> list[tuple[str, str, dict[str, str], float]]:
        return [
            (key.name, key.machine, dict(key.labels), value)
            for key, value, _ in self._board.latest()
            if value is not None
        ]

    def last_sample_age(self) -> float | None:
        """Seconds since anything was read, None before the first time."""
        moments = [at for _, _, at in self._board.latest()]
        return self._clocks.wall() - max(moments) if moments else None

    def health(self) -> dict[str, Any]:
        """Shape of `GET /health`: see docs/ARCHITECTURE.md, "The socket"."""
        now = self._clocks.monotonic()
        loops = self.loops()
        problems = self.problems(now, loops)
        identity = self.identity
        status = self._store.status()
        return {
            "status": "degraded" if problems else "ok",
            "problems": [problem.as_json() for problem in problems],
            "version": identity.version,
            "pid": identity.pid,
            "machine": identity.machine,
            "demo": identity.demo,
            "started_at": identity.started_at,
            "at": self._clocks.wall(),
            "loops": {
                name: {
                    "age_seconds": round(now - tick.at, 3),
                    "period_seconds": tick.period_seconds,
                }
                for name, tick in loops.items()
            },
            "sources": [_source_shape(source) for source in self.sources()],
            "store": {**asdict(status), **_opening_shape(self._store.report)},
            "settings": self.settings,
        }

    def problems(self, monotonic: float, loops: Mapping[str, Tick]) -> list[Message]:
        """What keeps the agent from being well, a sentence each."""
        found = [
            say("the loop {name} does not tick", name=name)
            for name in silent_loops(loops, monotonic)
        ]
        found += [
            say("the source {name} is {state}", name=source.name, state=source.state.value)
            for source in self.sources()
            if source.state in (State.ERROR, State.STALE)
        ]
        found += [finding for runner in self.runners for finding in runner.findings]
        found += problems_of(self.machines())
        found += [beat.note for beat in self.beats() if beat.is_problem and beat.note is not None]
        status = self._store.status()
        if status.size_bytes > status.size_max_bytes:
            found.append(_too_large(status))
        if status.reason is not None:
            found.append(status.reason)
        elif self.store_loop is not None and self.store_loop.written.error:
            found.append(
                say("the store takes no samples: {error}", error=self.store_loop.written.error)
            )
        steps = [
            step for step in (self.jobs, self.costs, self.budgeting, self.dues) if step is not None
        ]
        found += [step.problem for step in steps if step.problem is not None]
        noticed = self.budgeting.noticed if self.budgeting is not None else None
        found += [noticed] if noticed is not None else ()
        for money in (self.prepaid, self.metering):
            found += money.problems if money is not None else ()
        found += self.steering.problems() if self.steering is not None else ()
        found += [each for each in (self.listener_problem, self.audit_problem) if each is not None]
        if self.settings.get("error"):
            found.append(_SETTINGS_PROBLEMS[str(self.settings["source"])])
        return found


_SETTINGS_PROBLEMS = {
    "last good": say("the settings file cannot be used; the last good one is in force"),
    "defaults": say("the settings file cannot be used; the defaults are in force"),
    "file": say("the settings are in force, but no copy of them could be kept"),
}


def _too_large(status: StoreStatus) -> Message:
    """The cap takes only periods that are over, so a day of very many series may exceed it."""
    return say(
        "the store holds {size} MB, its limit is {limit} MB, and nothing in it is old enough to "
        "be dropped: raise store.size_max_mb, or lower series_max of a collector",
        size=status.size_bytes // MEGABYTE,
        limit=status.size_max_bytes // MEGABYTE,
    )


def _source_shape(source: SourceState) -> dict[str, Any]:
    age = source.age_seconds
    return {
        "name": source.name,
        "state": source.state.value,
        "reason": None if source.reason is None else source.reason.as_json(),
        "age_seconds": None if age is None else round(age, 3),
        "interval_seconds": source.interval_seconds,
        "series": source.series,
        "duration_seconds": round(source.duration_seconds, 6),
        "work_seconds": round(source.work_seconds, 6),
        "since_at": source.since_at,
        "machine": source.machine,
    }


def _opening_shape(report: OpenReport) -> dict[str, Any]:
    """What the store found when it was opened: losses and repairs stay visible until a restart."""
    return {
        "losses": [loss._asdict() for loss in report.losses],
        "opening": [message.as_json() for message in report.messages],
        "quarantine": None if report.quarantine is None else str(report.quarantine),
        "rows_verified": report.rows_verified,
        "opening_seconds": round(report.seconds, 3),
    }
