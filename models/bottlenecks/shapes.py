"""What a report on bottlenecks says. Times are seconds, rates are per hour, losses minutes a day.

None is "not measured" or "not enough to say", never zero.
"""

from dataclasses import dataclass
from enum import StrEnum

from models.messages import Message


class WaitSource(StrEnum):
    """Where a wait is known from."""

    TOLD = "told"
    """By rows that say when they were queued."""
    BEFORE = "before"
    """By the end of the stage before, of the same key."""
    QUEUE = "queue"
    """By the length of its queue and Little's law."""
    UNKNOWN = ""


class Regime(StrEnum):
    """Which model the what-if goes by."""

    OPEN = "open"
    """Work arrives by itself and there is room: Allen-Cunneen; throughput stays as it is."""
    CLOSED = "closed"
    """Work waits in a backlog, all the time or in bursts: asymptotic bounds of Denning & Buzen."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stage of a station. `seconds` is its mean time in one run of the station."""

    stage: str
    seconds: float
    median_seconds: float | None
    p95_seconds: float | None
    ended: int
    failed: int
    failed_seconds: float


@dataclass(frozen=True, slots=True)
class Station:
    """Where work waits for one of `servers` and is then done: a stage with workers of its own, or
    a whole job whose stages are its `parts`.

    `visits` is how often one run of the analysis comes here. `capacity` counts whole runs of the
    analysis that it could do in an hour. `queue` is Little's, `queue_measured` that of a series.
    """

    analysis: str
    stage: str
    parts: tuple[Part, ...]
    servers: int
    ended: int
    failed: int
    running: int
    queued: int
    arrivals: float
    service_seconds: float
    service_variation: float
    busy_seconds: float
    utilisation: float
    visits: float
    capacity: float
    wait_seconds: float | None
    wait_p95_seconds: float | None
    wait_source: WaitSource
    queue: float | None
    queue_measured: float | None
    waiting_minutes_a_day: float | None

    @property
    def slowest(self) -> Part:
        return max(self.parts, key=lambda part: part.seconds)

    @property
    def error_rate(self) -> float:
        return self.failed / self.ended if self.ended else 0.0


@dataclass(frozen=True, slots=True)
class Relief:
    """What it would bring if `stage` took `share` less time, all else as it was.

    `limited_by` is the stage that then limits; `minutes_saved_a_day` are minutes of waiting,
    None where waits are not measured.
    """

    stage: str
    share: float
    capacity: float
    throughput: float
    limited_by: str
    minutes_saved_a_day: float | None
    regime: Regime


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An analysis over the span. `limit` is the stage that limits its throughput, "" for the
    whole and None where there are not enough runs to say.
    """

    analysis: str
    stations: tuple[Station, ...]
    runs: int
    throughput: float
    active_seconds: float
    days: float
    limit: str | None
    limiting: Station | None
    saturated: bool
    regime: Regime
    reliefs: tuple[Relief, ...]
    notes: tuple[Message, ...]


class CauseKind(StrEnum):
    """The order is that of how much each explains: the most particular first."""

    LOCK = "lock"
    API = "api"
    RESOURCE = "resource"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Slowdown:
    """A stage was slower while something was strained: two distributions that differ.

    `ratio` is that of the medians of the buckets of both kinds, `p_value` of the one-sided
    Mann-Whitney test over buckets. `stretches` is how many times it began to be strained while
    runs were measured: one may be chance.
    """

    analysis: str
    stage: str
    kind: CauseKind
    subject: str
    machine: str
    name: str
    ratio: float
    p_value: float
    strained_seconds: float
    calm_seconds: float
    strained_runs: int
    calm_runs: int
    stretches: int
    minutes_a_day: float


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """One resource of one machine by the USE method (Gregg, 2013)."""

    machine: str
    resource: str
    utilisation: float | None
    utilisation_p95: float | None
    saturation: float | None
    strained_share: float
    errors: float | None


class Kind(StrEnum):
    STAGE = "stage"
    LOCK = "lock"
    API = "api"
    STATEMENT = "statement"
    QUEUE = "queue"
    FAILURES = "failures"


@dataclass(frozen=True, slots=True)
class Finding:
    """`minutes_a_day` counts each lost minute once, over all findings of a report; None where no
    time was measured that is lost.
    """

    kind: Kind
    subject: str
    analysis: str
    stage: str
    minutes_a_day: float | None
    title: Message
    evidence: tuple[Message, ...]
    next_step: Message
    causes: tuple[Slowdown, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """`findings` come with the most minutes first."""

    since: float
    until: float
    pipelines: tuple[Pipeline, ...]
    findings: tuple[Finding, ...]
    slowdowns: tuple[Slowdown, ...]
    resources: tuple[ResourceUse, ...]
    notes: tuple[Message, ...]

    @property
    def minutes_a_day(self) -> float:
        return sum(finding.minutes_a_day or 0.0 for finding in self.findings)
