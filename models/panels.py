"""Which series stand in which chart of a machine, and under what name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.messages import Message, say
from models.traces import Trace

QUIET_LABELS = frozenset({"hw.id", "hw.name", "hw.type", "state", "source"})
"""Labels that say which machine part is meant; the page has said so already."""


class Form(StrEnum):
    """How the values of a chart are written."""

    RATIO = "ratio"
    BYTES_PER_SECOND = "bytes per second"
    CELSIUS = "celsius"
    WATT = "watt"
    FLAG = "flag"
    COUNT = "count"
    BYTES = "bytes"
    SECONDS = "seconds"
    PER_SECOND = "per second"


@dataclass(frozen=True, slots=True)
class Panel:
    """`names` maps the metrics that are drawn to the word that tells them apart, if any."""

    key: str
    title: Message
    form: Form
    names: Mapping[str, Message | None]
    traces_max: int = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a panel: its values, the word for the metric, and the values of its labels."""

    trace: Trace
    word: Message | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A panel ready to draw: texts are in the reader's language. `left_out` lines have no room."""

    title: str
    form: Form
    lines: tuple[tuple[str, Trace], ...]
    left_out: int = 0


HOST_PANELS = (
    Panel("cpu", say("CPU"), Form.RATIO, {"machine.cpu.utilization": None}),
    Panel(
        "memory",
        say("Memory"),
        Form.RATIO,
        {"machine.memory.utilization": say("memory"), "system.paging.utilization": say("swap")},
    ),
    Panel("disk", say("Disk"), Form.BYTES_PER_SECOND, {"system.disk.io": None}, 4),
    Panel("network", say("Network"), Form.BYTES_PER_SECOND, {"system.network.io": None}, 4),
    Panel(
        "pressure",
        say("Pressure: waiting for"),
        Form.RATIO,
        {
            "system.linux.pressure.cpu": say("CPU"),
            "system.linux.pressure.memory": say("memory"),
            "system.linux.pressure.io": say("disks"),
        },
    ),
    Panel("space", say("Disk space in use"), Form.RATIO, {"system.filesystem.utilization": None}),
)

GPU_PANELS = (
    Panel("gpu", say("GPU"), Form.RATIO, {"hw.gpu.utilization": None}),
    Panel("gpu_memory", say("GPU memory"), Form.RATIO, {"hw.gpu.memory.utilization": None}),
    Panel("temperature", say("Temperature"), Form.CELSIUS, {"hw.temperature": None}),
    Panel(
        "power",
        say("Power"),
        Form.WATT,
        {"hw.power": say("drawn"), "hw.power.limit": say("cap")},
    ),
    Panel("throttle", say("Time held back by"), Form.FLAG, {"hw.gpu.throttle": None}, 4),
)

POSTGRES_PANELS = (
    Panel(
        "connections",
        say("Connections"),
        Form.RATIO,
        {"postgresql.connection.utilization": None},
    ),
    Panel(
        "transactions",
        say("Transactions"),
        Form.PER_SECOND,
        {"postgresql.commits": say("committed"), "postgresql.rollbacks": say("rolled back")},
    ),
    Panel(
        "blocked", say("Sessions that wait for a lock"), Form.COUNT, {"postgresql.blocked": None}
    ),
    Panel("cache", say("Found in memory"), Form.RATIO, {"postgresql.cache.hit_ratio": None}),
    Panel("answer", say("Answer time"), Form.SECONDS, {"postgresql.response.duration": None}),
    Panel("size", say("Size"), Form.BYTES, {"postgresql.db_size": None}),
)
REDIS_PANELS = (
    Panel("queues", say("Queues"), Form.COUNT, {"redis.queue.length": None}, 4),
    Panel("commands", say("Commands"), Form.PER_SECOND, {"redis.commands": None}),
    Panel(
        "memory",
        say("Memory"),
        Form.BYTES,
        {"redis.memory.used": say("used"), "redis.memory.max": say("limit")},
    ),
    Panel("answer", say("Answer time"), Form.SECONDS, {"redis.response.duration": None}),
)
SQLITE_PANELS = (
    Panel(
        "size",
        say("Size"),
        Form.BYTES,
        {"sqlite.size": say("file"), "sqlite.wal.size": say("write-ahead log")},
    ),
    Panel("answer", say("Answer time"), Form.SECONDS, {"sqlite.response.duration": None}),
)
DATABASE_PANELS = {
    "postgres": POSTGRES_PANELS,
    "redis": REDIS_PANELS,
    "sqlite": SQLITE_PANELS,
}


def metrics_of(panels: Iterable[Panel]) -> tuple[str, ...]:
    return tuple(name for panel in panels for name in panel.names)


def lines_of(panel: Panel, traces: Iterable[Trace]) -> list[Line]:
    """What a panel has to show: its metrics in their order, inside a metric the highest first."""
    order = list(panel.names)
    wanted = sorted(
        (trace for trace in traces if trace.key.name in panel.names and not _is_loopback(trace)),
        key=lambda trace: (order.index(trace.key.name), -trace.high.max(), trace.key.labels),
    )
    if panel.form is Form.FLAG:
        wanted = [trace for trace in wanted if trace.high.max() > 0]
    return [
        Line(
            trace,
            panel.names[trace.key.name],
            _label_values(trace),
        )
        for trace in wanted
    ]


def _label_values(trace: Trace) -> tuple[str, ...]:
    """What the line is of first, then which way."""
    labels = {name: value for name, value in trace.key.labels if name not in QUIET_LABELS}
    return tuple(labels[name] for name in sorted(labels, key=lambda name: name == "direction"))


def _is_loopback(trace: Trace) -> bool:
    return "lo" in dict(trace.key.labels).values()
