"""The composition root: settings become real objects here, and nowhere else."""

import socket
from collections.abc import Callable, Iterable
from pathlib import Path

from agent.collectors.beats import BeatsCollector
from agent.collectors.gpu import GpuCollector
from agent.collectors.host import HostCollector
from agent.collectors.itself import ItselfCollector, Vitals
from agent.collectors.pools import PoolsCollector
from agent.collectors.processes import ProcessesCollector
from agent.wiring.pipeline import Memory, pipeline_sources
from agent.wiring.source import Chosen, Source, timing_of
from data.ops.report import MEGABYTE, StoreLimits
from models.beats import BEATS_MAX, BeatState
from models.demo import MACHINES
from models.errors import SourceUnreachable
from models.machines import MachineState
from models.monitoring import Absent, Answer, Collector, Timing
from models.scaling.shapes import Plan
from models.settings import Settings
from models.tiers import DAY_SECONDS, HOUR_SECONDS, MINUTE, RAW, TEN_MINUTES


class Required:
    """A collector that the owner set to "on": its absence is an error, not an answer."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self.name = collector.name

    def collect(self, monotonic_seconds: float) -> Answer:
        answer = self._collector.collect(monotonic_seconds)
        if isinstance(answer, Absent):
            raise SourceUnreachable(self.name, answer.reason)
        return answer


def machine_name(settings: Settings) -> str:
    if settings.demo:
        return MACHINES[0]
    return settings.machine.name or socket.gethostname()


def as_started(settings: Settings, machine: str, *, demo: bool) -> Settings:
    """Settings of a reload, with what stays as it was at the start: whose values these are."""
    named = settings.machine.model_copy(update={"name": machine})
    return settings.model_copy(update={"demo": demo, "machine": named})


def store_limits(settings: Settings) -> StoreLimits:
    return StoreLimits(
        size_max_bytes=settings.store.size_max_mb * MEGABYTE,
        kept_seconds={
            RAW.view: settings.store.raw_hours * HOUR_SECONDS,
            MINUTE.view: settings.store.minute_days * DAY_SECONDS,
            TEN_MINUTES.view: settings.store.ten_minute_days * DAY_SECONDS,
        },
        free_min_bytes=settings.store.disk_free_min_mb * MEGABYTE,
    )


def sources_of(
    settings: Settings,
    vitals: Callable[[], Vitals],
    clock: Callable[[], float],
    memory: Memory | None = None,
) -> list[Source]:
    """Every collector that the settings switch on; `clock` gives UTC epoch seconds.

    `memory` is what the store remembers; a check does without.
    """
    machine = machine_name(settings)
    collectors = settings.collectors
    itself = ItselfCollector(vitals)
    if settings.demo:
        from agent.collectors.demo import demo_collectors

        sources = [
            Source(demo, timing_of(collectors.host), demo.machine)
            for demo in demo_collectors(clock)
        ]
        return [*sources, Source(itself, timing_of(collectors.itself), machine)]
    proc = Path(settings.machine.procfs or "/proc")
    wanted: list[tuple[Collector, Chosen]] = [
        (HostCollector(procfs=settings.machine.procfs or None), collectors.host),
        (
            GpuCollector(process_interval_seconds=collectors.gpu.process_interval_seconds),
            collectors.gpu,
        ),
        (
            ProcessesCollector(top_n=collectors.processes.top_n, proc=proc),
            collectors.processes,
        ),
        (itself, collectors.itself),
    ]
    chosen_ones = [
        Source(
            Required(collector) if chosen.enabled == "on" else collector,
            timing_of(chosen),
            machine,
        )
        for collector, chosen in wanted
        if chosen.enabled != "off"
    ]
    return [*chosen_ones, *pipeline_sources(settings, machine, clock, memory)]


def beat_states(
    settings: Settings, states: Callable[[], list[BeatState]], clock: Callable[[], float]
) -> Callable[[], list[BeatState]]:
    """Those that came; in the demo, others than those."""
    if not settings.demo:
        return states
    from models.demo.details import beats

    return lambda: beats(clock())


def machine_states(
    settings: Settings, states: Callable[[], list[MachineState]], clock: Callable[[], float]
) -> Callable[[], list[MachineState]]:
    """Those that report; in the demo, with the one that it pretends to rent."""
    if not settings.demo:
        return states
    from models.demo.details import rented_machine

    return lambda: [*states(), rented_machine(clock())]


def pools_source(
    settings: Settings, plans: Callable[[], Iterable[Plan]], machine: str
) -> list[Source]:
    """Where there are pools."""
    if not settings.pool:
        return []
    timing = Timing(20.0, 5.0, series_max=3 * len(settings.pool))
    return [Source(PoolsCollector(plans), timing, machine)]


def beats_source(states: Callable[[], Iterable[BeatState]], machine: str) -> Source:
    """Heartbeats are taken whatever the settings say; where none comes, this is absent."""
    timing = Timing(interval_seconds=10.0, timeout_seconds=5.0, series_max=2 * BEATS_MAX)
    return Source(BeatsCollector(states), timing, machine)
