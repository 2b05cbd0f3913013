"""The composition root of a probe: which collectors it runs, and how often."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.collectors.gpu import GpuCollector
from agent.collectors.host import HostCollector
from agent.collectors.host.bare import BareMachine
from agent.collectors.itself import ItselfCollector, Vitals
from agent.collectors.processes import ProcessesCollector
from models.monitoring import Collector, Timing

PROCESSES_EVERY = 3
"""Reading all processes costs most, so it is done less often."""


@dataclass(frozen=True, slots=True)
class Chosen:
    collector: Collector
    timing: Timing


def collectors_of(interval_seconds: float, vitals: Callable[[], Vitals]) -> list[Chosen]:
    """Those of a machine, with the limits that they have in the settings of a hub."""
    return [
        Chosen(HostCollector(machine=BareMachine()), Timing(interval_seconds, 5.0, 250)),
        Chosen(GpuCollector(), Timing(interval_seconds, 5.0, 400)),
        Chosen(ProcessesCollector(), Timing(interval_seconds * PROCESSES_EVERY, 10.0, 100)),
        Chosen(ItselfCollector(vitals), Timing(interval_seconds, 5.0, 60)),
    ]


def names_of(chosen: Iterable[Chosen]) -> list[str]:
    return [each.collector.name for each in chosen]
