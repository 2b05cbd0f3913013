"""What runs on a machine, by group of processes, and what watching it costs: out of live values."""

from dataclasses import dataclass

from models.live import Live
from models.monitoring import SeriesKey

GROUP = "process.group"


@dataclass(frozen=True, slots=True)
class Group:
    """A systemd unit, a container, or processes of one name. `cpu` 1.0 is one CPU in use; what is
    None was not among the largest of its kind.
    """

    name: str
    cpu: float | None
    memory_bytes: float | None
    processes: float | None


def groups_of(live: Live, machine: str) -> list[Group]:
    """The largest groups of a machine at its last reading, the busiest first."""
    found: dict[str, dict[str, float | None]] = {}
    last = max((s.at for s in live.series if _is_of(s.key, machine)), default=0.0)
    for series in live.series:
        # What was among the largest before and is not now stays on the board for a while.
        if _is_of(series.key, machine) and series.at == last:
            name = dict(series.key.labels)[GROUP]
            found.setdefault(name, {})[series.key.name] = series.value
    groups = [
        Group(
            name,
            values.get("process.cpu.utilization"),
            values.get("process.memory.usage"),
            values.get("process.count"),
        )
        for name, values in found.items()
    ]
    return sorted(groups, key=lambda group: (-(group.cpu or 0.0), -(group.memory_bytes or 0.0)))


def _is_of(key: SeriesKey, machine: str) -> bool:
    return key.machine == machine and key.name.startswith("process.")


@dataclass(frozen=True, slots=True)
class WatchingCost:
    """CPU 1.0 is one CPU; sizes in bytes."""

    cpu: float
    memory_bytes: float
    store_bytes: float
    store_bytes_max: float


def watching_cost(live: Live) -> WatchingCost | None:
    """What the agent uses by itself; None until it knows."""
    names = (
        "agent.cpu.utilization",
        "agent.memory.rss",
        "agent.store.size",
        "agent.store.size.limit",
    )
    series = [live.find(live.machine, name) for name in names]
    values = [found.value for found in series if found is not None and found.value is not None]
    return WatchingCost(*values) if len(values) == len(names) else None
