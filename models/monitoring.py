"""What is measured: readings, series, and the state of the source they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from models.messages import Message

Labels = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name."""


class Reading(NamedTuple):
    """One value of one collector at one moment.

    `name` stands in `models/metrics.py` with its unit. `value` is None where the source has no
    value this time (a counter was reset, a rate has no predecessor): a gap, never a zero.
    """

    name: str
    value: float | None
    labels: Labels = ()


class SeriesKey(NamedTuple):
    """What makes a series one series."""

    machine: str
    name: str
    labels: Labels


class Aggregate(NamedTuple):
    """Several values of one series in one bucket of time."""

    mean: float
    min: float
    max: float
    n: int


class Row(NamedTuple):
    """One stored sample: a series, the start of its bucket (UTC epoch seconds), the aggregate."""

    series: SeriesKey
    unit: str
    taken_at: int
    value: Aggregate


@dataclass(frozen=True, slots=True)
class Absent:
    """The source is not on this machine (no driver, no service): an answer, not a failure."""

    reason: Message


class Execution(NamedTuple):
    """One run of one workflow as it was last seen; (source, execution_id) make it one.

    Moments are UTC epoch seconds, None where they have not come or are not known. `queued_at` is
    when it was first seen waiting to start. `status` is one of queued, running, waiting,
    success, error, crashed, canceled, unknown. `error` names node and text, redacted and short.
    """

    source: str
    workflow_id: str
    execution_id: str
    status: str
    mode: str
    queued_at: float | None
    started_at: float | None
    stopped_at: float | None
    seen_at: float
    retry_of: str = ""
    error: str = ""
    key: str = ""


class Thing(NamedTuple):
    """What has an identity and a description: a workflow, a statement, a table.

    (kind, source, id) make it one. `detail` is a JSON object as text.
    """

    kind: str
    source: str
    id: str
    name: str
    detail: str
    seen_at: float


Record = Execution | Thing


@dataclass(frozen=True, slots=True)
class Harvest:
    """Readings, and with them what is no number. Storing a record twice changes nothing."""

    readings: list[Reading]
    records: tuple[Record, ...] = ()


Answer = list[Reading] | Absent | Harvest


@runtime_checkable
class Detailed(Protocol):
    """A collector that also knows what no series can say: a tree, a text, a list of failures.

    `details` is called from other threads: it returns a JSON-able snapshot nobody changes.
    """

    def details(self) -> Mapping[str, object]: ...


@runtime_checkable
class Noticing(Protocol):
    """A collector that reads well, and in what it reads finds something a person must know."""

    @property
    def findings(self) -> Sequence[Message]: ...


class Collector(Protocol):
    """Reads one source. It returns readings and never stores them.

    `collect` gets the monotonic clock in seconds, for rates. It may raise `SourceError`, take
    its time, or hang: whoever runs it gives every collector its own thread and its own limit.
    """

    @property
    def name(self) -> str: ...

    def collect(self, monotonic_seconds: float) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Timing:
    """When a collector runs, and how much it may bring.

    `live_interval_seconds` counts while somebody watches; None where it makes no difference.
    `retry_seconds` is for sources that are read a few times a day: after a failure so long, then
    twice as long each time, up to the interval, or to `retry_seconds_max` where there is one.
    """

    interval_seconds: float
    timeout_seconds: float
    series_max: int
    live_interval_seconds: float | None = None
    retry_seconds: float | None = None
    retry_seconds_max: float | None = None


class State(StrEnum):
    """The four answers to "how is this source?"; zero is a value, and none of these."""

    PRESENT = "present"
    ABSENT = "absent"
    ERROR = "error"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class SourceState:
    """State of one collector. `reason` is None where all is well; a source that is present may
    have one too: the part of it that is left out.

    `age_seconds` is the age of the last good reading, None before the first. `since_at` is when
    it left the state before (UTC epoch seconds), None where that is not known. `machine` is
    whose series it brings. `work_seconds` is the CPU time of the last reading, of the time that
    it took: the rest was waiting.
    """

    name: str
    state: State
    reason: Message | None
    age_seconds: float | None
    interval_seconds: float
    series: int
    duration_seconds: float
    since_at: float | None = None
    machine: str = ""
    work_seconds: float = 0.0

    @property
    def kind(self) -> str:
        """The name without the instance: "postgres" of "postgres:main"."""
        return self.name.partition(":")[0]

    @property
    def instance(self) -> str:
        return self.name.partition(":")[2]
