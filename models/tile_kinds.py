"""Which series stand behind each tile of a machine, and how their parts are found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from models.live import Live, LiveSeries
from models.messages import Message, say

HOST, GPU = "host", "gpu"

Pick = Callable[[Live, str], list[LiveSeries]]
"""The series whose sum is the tile's value; empty when the machine has none."""


@dataclass(frozen=True, slots=True)
class Kind:
    key: str
    title: Message
    unit: str
    source: str
    pick: Pick
    part: str = ""
    """End of the name of the label that says which part the value is of."""
    limit: str = ""
    """Name of the metric that holds the whole."""


def of_machine(live: Live, machine: str, name: str, **labels: str) -> list[LiveSeries]:
    """All series of that name; a label is matched by the end of its name (`direction`)."""
    return [
        series
        for series in live.series
        if series.key.machine == machine
        and series.key.name == name
        and all(label(series, tail) == value for tail, value in labels.items())
    ]


def label(series: LiveSeries, tail: str) -> str | None:
    """Value of the first label whose name ends like that."""
    return next((value for name, value in series.key.labels if name.endswith(tail)), None)


def fullest(series: Iterable[LiveSeries]) -> list[LiveSeries]:
    return sorted(series, key=lambda one: -(one.value or 0.0))[:1]


def _named(name: str) -> Pick:
    return lambda live, machine: of_machine(live, machine, name)[:1]


def _highest(*names: str, **labels: str) -> Pick:
    return lambda live, machine: fullest(
        series for name in names for series in of_machine(live, machine, name, **labels)
    )


def _network(direction: str) -> Pick:
    return lambda live, machine: [
        series
        for series in of_machine(live, machine, "system.network.io", direction=direction)
        if "lo" not in dict(series.key.labels).values()
    ]


PRESSURES = tuple(f"system.linux.pressure.{what}" for what in ("cpu", "memory", "io"))

HOST_KINDS = (
    Kind(
        "cpu", say("CPU"), "1", HOST, _named("machine.cpu.utilization"), limit="machine.cpu.limit"
    ),
    Kind(
        "memory",
        say("Memory"),
        "1",
        HOST,
        _named("machine.memory.utilization"),
        limit="machine.memory.limit",
    ),
    Kind(
        "space",
        say("Fullest disk"),
        "1",
        HOST,
        _highest("system.filesystem.utilization"),
        part="mountpoint",
    ),
    Kind("network_in", say("Network in"), "By/s", HOST, _network("receive"), part="interface"),
    Kind("network_out", say("Network out"), "By/s", HOST, _network("transmit"), part="interface"),
    Kind("pressure", say("Pressure"), "1", HOST, _highest(*PRESSURES)),
)
GPU_KINDS = (
    Kind(
        "gpu", say("GPU"), "1", GPU, _highest("hw.gpu.utilization", task="general"), part="hw.name"
    ),
    Kind(
        "gpu_memory",
        say("GPU memory"),
        "1",
        GPU,
        _highest("hw.gpu.memory.utilization"),
        limit="hw.gpu.memory.limit",
    ),
)
