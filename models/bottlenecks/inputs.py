"""What a report on bottlenecks is made from, as the store gives it.

Moments are UTC epoch seconds, times are seconds. None is "not measured", never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.monitoring import Labels


@dataclass(frozen=True, slots=True)
class StageRuns:
    """All runs of one stage of one analysis over the span; stage "" is the whole.

    `ended` are succeeded and failed ones; failed includes abandoned. `busy_seconds` is clipped to
    the span and includes what still runs; `failed_seconds` is the part that ended in failure.
    `waits` were told by `queued_at`, `wait_seconds` is their sum; `negative_waits` began before
    they were queued: by clocks that differ. `inside` counts rows that are part of a job's row.
    """

    analysis: str
    stage: str
    source: str = ""
    ended: int = 0
    failed: int = 0
    running: int = 0
    queued: int = 0
    arrived: int = 0
    inside: int = 0
    busy_seconds: float = 0.0
    failed_seconds: float = 0.0
    mean_seconds: float | None = None
    variance_seconds: float | None = None
    median_seconds: float | None = None
    p95_seconds: float | None = None
    waits: int = 0
    wait_seconds: float = 0.0
    wait_p95_seconds: float | None = None
    negative_waits: int = 0
    first_at: float | None = None
    last_at: float | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """How often a stage followed another one of the same key, and how long between the two.

    `gaps`, `gap_seconds` (their sum) and `gap_p95_seconds` are of rows that do not say themselves
    since when they waited.
    """

    analysis: str
    stage: str
    before: str
    count: int
    mean_gap_seconds: float
    gaps: int
    gap_seconds: float
    gap_p95_seconds: float | None
    negative: int = 0


@dataclass(frozen=True, slots=True)
class Level:
    """For how long exactly `running` runs of a stage were at work at once."""

    analysis: str
    stage: str
    running: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the runs of a stage took on one host in one bucket of the span."""

    analysis: str
    stage: str
    host: str
    bucket: int
    runs: int
    median_seconds: float


@dataclass(frozen=True, slots=True)
class Strain:
    """One series of a resource, and in which buckets of the span it was strained.

    Strained means above `threshold`; `calm` are the other buckets with a value, both empty where
    one of the two kinds does not occur. `total` is the sum of the bucket means.
    """

    machine: str
    name: str
    labels: Labels
    buckets: int
    mean: float
    p95: float
    most: float
    threshold: float
    strained_buckets: int
    strained: frozenset[int] = frozenset()
    calm: frozenset[int] = frozenset()

    def label(self, name: str) -> str:
        return next((value for key, value in self.labels if key == name), "")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a database: `busy` is its share of the span's time, 1 is one connection."""

    source: str
    query_id: str
    text: str
    busy: float


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that others waited for: whose it is and what it does."""

    source: str
    name: str
    blocked: int = 0


@dataclass(frozen=True, slots=True)
class Inputs:
    since: float
    until: float
    bucket_seconds: int
    runs: tuple[StageRuns, ...] = ()
    links: tuple[Link, ...] = ()
    levels: tuple[Level, ...] = ()
    paces: tuple[Pace, ...] = ()
    strains: tuple[Strain, ...] = ()
    statements: tuple[Statement, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    errors: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Errors of resources over the span, by machine and resource."""

    @property
    def span_seconds(self) -> float:
        return self.until - self.since
