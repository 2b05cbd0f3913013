"""What watching costs: the agent's own CPU, memory, delays and losses."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.monitoring import Reading
from models.rates import Rates


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the rest of the agent knows of itself; sizes in bytes, times in seconds."""

    tick_latency_seconds: float = 0.0
    dropped: int = 0
    stored: int = 0
    flush_seconds: float = 0.0
    store_bytes: int = 0
    store_bytes_max: int = 0
    series: int = 0
    collector_seconds: Mapping[str, float] = field(default_factory=dict)
    spool_bytes: int | None = None
    """Of a probe, which has a spool and no store."""
    spool_bytes_max: int = 0
    spool_buckets: int = 0


class ItselfCollector:
    """CPU counts the whole process with the children it has waited for."""

    name = "itself"

    def __init__(self, vitals: Callable[[], Vitals], proc: Path = Path("/proc")) -> None:
        self._vitals = vitals
        self._statm = proc / "self" / "statm"
        self._rates = Rates()

    def collect(self, monotonic_seconds: float) -> list[Reading]:
        times = os.times()
        cpu_seconds = times.user + times.system + times.children_user + times.children_system
        vitals = self._vitals()
        return [
            Reading(
                "agent.cpu.utilization",
                self._rates.per_second("cpu", cpu_seconds, monotonic_seconds),
            ),
            Reading("agent.memory.rss", self._rss_bytes()),
            Reading("agent.tick.latency", vitals.tick_latency_seconds),
            Reading("agent.samples.dropped", vitals.dropped),
            *_keeping(vitals),
            *(
                Reading("agent.collector.duration", seconds, (("collector", name),))
                for name, seconds in vitals.collector_seconds.items()
            ),
        ]

    def _rss_bytes(self) -> float | None:
        try:
            pages = int(self._statm.read_text().split()[1])
        except (OSError, ValueError, IndexError):
            return None
        return pages * os.sysconf("SC_PAGE_SIZE")


def _keeping(vitals: Vitals) -> list[Reading]:
    if vitals.spool_bytes is not None:
        return [
            Reading("probe.spool.size", vitals.spool_bytes),
            Reading("probe.spool.limit", vitals.spool_bytes_max),
            Reading("probe.spool.buckets", vitals.spool_buckets),
        ]
    return [
        Reading("agent.samples.stored", vitals.stored),
        Reading("agent.flush.duration", vitals.flush_seconds),
        Reading("agent.store.size", vitals.store_bytes),
        Reading("agent.store.size.limit", vitals.store_bytes_max),
        Reading("agent.series.count", vitals.series),
    ]
