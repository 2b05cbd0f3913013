"""What may hold up a stage: which series tell it, and from which value on it is strained."""

from models.bottlenecks.inputs import Strain
from models.bottlenecks.shapes import CauseKind

USUAL_TIMES = 2.0
"""Where no value is too much by itself, twice the usual (the median of the span) is."""
USUAL_MIN_SECONDS = 0.02
"""And at least so much more: a check of 1 ms that takes 3 ms holds up nobody."""

RESOURCES: dict[str, tuple[str, float]] = {
    "machine.cpu.utilization": ("CPU", 0.9),
    "container.cpu.throttled": ("CPU limit", 0.25),
    "system.linux.pressure.cpu": ("CPU pressure", 0.25),
    "machine.memory.utilization": ("memory", 0.9),
    "system.linux.pressure.memory": ("memory pressure", 0.1),
    "system.disk.io_time": ("disk", 0.9),
    "system.linux.pressure.io": ("disk pressure", 0.25),
    "hw.gpu.utilization": ("GPU", 0.95),
    "hw.gpu.memory.utilization": ("GPU memory", 0.95),
    "hw.gpu.throttle": ("GPU throttle", 0.1),
}
LOCKS = "postgresql.blocked"
API_TIME, API_UP = "http.check.duration", "http.check.up"
STATEMENTS = "postgresql.statement.time"
QUEUES = ("redis.queue.length", "n8n.queue.waiting")

RELATIVE = -1.0
"""Stands for a threshold that is made of the usual value."""

THRESHOLDS: dict[str, float] = {
    **{name: threshold for name, (_, threshold) in RESOURCES.items()},
    LOCKS: 0.1,
    API_TIME: RELATIVE,
    API_UP: 0.05,
    STATEMENTS: RELATIVE,
    **dict.fromkeys(QUEUES, 1.0),
}
"""Of `http.check.up` it is the share of time in which it was NOT up that is compared."""

KINDS: dict[str, CauseKind] = {
    **dict.fromkeys(RESOURCES, CauseKind.RESOURCE),
    LOCKS: CauseKind.LOCK,
    API_TIME: CauseKind.API,
    API_UP: CauseKind.API,
    STATEMENTS: CauseKind.STATEMENT,
}


def subject_of(strain: Strain) -> str:
    """What a person calls it: the API, the database, the part of the machine.

    >>> subject_of(Strain("gpu-1", "hw.gpu.throttle", (("reason", "hw thermal"),),
    ...                   9, 0, 0, 1, 0.1, 2))
    'GPU throttle (hw thermal)'
    """
    if strain.name == LOCKS:
        return database_named(strain.label("source"))
    if strain.name not in RESOURCES:
        return strain.label("queryid") or strain.label("source") or strain.name
    title = RESOURCES[strain.name][0]
    which = ", ".join(
        value for name, value in strain.labels if name in ("device", "hw.name", "reason")
    )
    return f"{title} ({which})" if which else title


def database_named(source: str) -> str:
    """What people call it.

    >>> database_named("main"), database_named("postgres:main")
    ('PostgreSQL main', 'PostgreSQL main')
    """
    return f"PostgreSQL {instance_of(source)}"


def instance_of(source: str) -> str:
    """Series bear the instance of their source, things its whole name: "main", "postgres:main"."""
    return source.rpartition(":")[2]


def counts(name: str, labels: dict[str, str]) -> bool:
    """Whether a series is one of those that are compared; of several that say the same, one.

    >>> counts("http.check.duration", {"step": "connect"}), counts("machine.cpu.utilization", {})
    (False, True)
    """
    if name == API_TIME:
        return labels.get("step", "total") == "total"
    if name == "hw.gpu.utilization":
        return labels.get("hw.gpu.task", "general") == "general"
    return name in THRESHOLDS
