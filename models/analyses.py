"""Analyses over a span: how many, how well, how long. Times are seconds, moments UTC epoch seconds.

None is "not measured". What counts as a run stands in `data/analysis_runs.py`.
"""

from typing import NamedTuple


class StageSummary(NamedTuple):
    """One stage of an analysis; "" where an analysis has none. Slowest first in a summary.

    `runs` are those that ended, `failed` of them in failure, `abandoned` of those because their
    process was gone. `busy_seconds` is their time together. `wait_*` are known of runs that say
    when they were queued.
    """

    stage: str
    runs: int
    failed: int
    abandoned: int
    running: int
    queued: int
    median_seconds: float | None
    p95_seconds: float | None
    wait_median_seconds: float | None
    wait_p95_seconds: float | None
    busy_seconds: float
    hosts: int

    @property
    def success_rate(self) -> float | None:
        return 1 - self.failed / self.runs if self.runs else None


class AnalysisSummary(NamedTuple):
    """`runs` are whole runs that ended in success or failure; `retried` those n8n tried again,
    of which only the last try counts. `trend` has the runs in each of the span's equal parts.

    `whole` is False where no row stands for a whole run: then the rows of one key are one, it
    succeeds when its last stage does, and takes from its first arrival to its last end.
    """

    analysis: str
    whole: bool
    runs: int
    succeeded: int
    failed: int
    abandoned: int
    retried: int
    running: int
    queued: int
    median_seconds: float | None
    p95_seconds: float | None
    wait_median_seconds: float | None
    wait_p95_seconds: float | None
    last_success_at: float | None
    last_run_at: float | None
    trend: tuple[int, ...]
    stages: tuple[StageSummary, ...]

    @property
    def success_rate(self) -> float | None:
        return self.succeeded / self.runs if self.runs else None


class Failure(NamedTuple):
    """`key` is what was analysed, "" where nobody said it; `source` is "" for jobs."""

    analysis: str
    stage: str
    key: str
    host: str
    source: str
    id: str
    failed_at: float
    seconds: float | None
    abandoned: bool
    error: str


class Running(NamedTuple):
    """What has not ended; `started_at` is None while it waits."""

    analysis: str
    stage: str
    key: str
    host: str
    source: str
    id: str
    queued_at: float | None
    started_at: float | None
