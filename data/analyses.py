"""What pages ask the store about analyses and their stages. See `models/analyses.py`."""

from collections.abc import Sequence
from typing import Any

from data.analysis_runs import RUNS, mapped_workflows, run_params
from data.rows import Answers, Columns, rows_of
from models.analyses import AnalysisSummary, Failure, Running, StageSummary
from models.settings.analysis import Analysis

TREND_PARTS = 24

# Where no row stands for a whole run, the rows of one key do; it is done when the stage is done
# in which most keys end.
WHOLE_RUNS = """
, with_whole AS MATERIALIZED (SELECT DISTINCT analysis FROM runs WHERE stage = ''),
chains AS (
    SELECT analysis, any_value(run_key) AS run_key,
           arg_max(stage, coalesce(started, queued)) AS last_stage,
           arg_max(succeeded, coalesce(started, queued)) AS well,
           arg_max(failed, coalesce(started, queued)) AS badly,
           bool_or(abandoned) AS abandoned, bool_or(ended IS NULL) AS open,
           min(coalesce(queued, started)) AS first_at, min(started) AS started,
           CASE WHEN count(queued) > 0 THEN min(coalesce(queued, started)) END AS queued,
           max(ended) AS ended
    FROM runs WHERE stage <> '' AND analysis NOT IN (FROM with_whole)
    GROUP BY analysis, chain),
last_stages AS MATERIALIZED (
    SELECT analysis, mode(last_stage) AS stage FROM chains WHERE well GROUP BY analysis),
whole_runs AS (
    SELECT analysis, run_key, true AS whole, succeeded, failed, abandoned, superseded,
           ended IS NULL AND started IS NOT NULL AS running,
           ended IS NULL AND started IS NULL AS queuing,
           seconds, started - queued AS waited, ended, queued, started
    FROM runs WHERE stage = ''
    UNION ALL
    SELECT c.analysis, c.run_key, false, well AND NOT open AND last_stage = s.stage,
           badly AND NOT open, abandoned, false, open AND started IS NOT NULL,
           open AND started IS NULL,
           CASE WHEN well AND last_stage = s.stage THEN ended - first_at END,
           started - queued, ended, queued, started
    FROM chains AS c LEFT JOIN last_stages AS s ON s.analysis = c.analysis)
"""

SUMMARIES = (
    WHOLE_RUNS
    + """
SELECT analysis, bool_or(whole) AS whole,
       count(*) FILTER ((succeeded OR failed) AND NOT superseded) AS runs,
       count(*) FILTER (succeeded AND NOT superseded) AS succeeded,
       count(*) FILTER (failed AND NOT superseded) AS failed,
       count(*) FILTER (failed AND abandoned AND NOT superseded) AS abandoned,
       count(*) FILTER (superseded) AS retried,
       count(*) FILTER (running) AS running,
       count(*) FILTER (queuing) AS queued,
       quantile_cont(seconds, 0.5) FILTER (succeeded) AS median_seconds,
       quantile_cont(seconds, 0.95) FILTER (succeeded) AS p95_seconds,
       quantile_cont(waited, 0.5) FILTER (waited >= 0) AS wait_median_seconds,
       quantile_cont(waited, 0.95) FILTER (waited >= 0) AS wait_p95_seconds,
       max(ended) FILTER (succeeded) AS last_success_at,
       max(coalesce(ended, started)) AS last_run_at
FROM whole_runs GROUP BY analysis ORDER BY analysis
"""
)

TRENDS = (
    WHOLE_RUNS
    + """
SELECT analysis, least(floor((ended - $1) / (($2 - $1) / $4)), $4 - 1)::INTEGER AS part,
       count(*) AS runs
FROM whole_runs WHERE (succeeded OR failed) AND NOT superseded GROUP BY ALL
"""
)

STAGES = """
SELECT analysis, stage,
       count(*) FILTER (succeeded OR failed) AS runs,
       count(*) FILTER (failed) AS failed,
       count(*) FILTER (failed AND abandoned) AS abandoned,
       count(*) FILTER (ended IS NULL AND started IS NOT NULL) AS running,
       count(*) FILTER (ended IS NULL AND started IS NULL) AS queued,
       quantile_cont(seconds, 0.5) FILTER (succeeded) AS median_seconds,
       quantile_cont(seconds, 0.95) FILTER (succeeded) AS p95_seconds,
       quantile_cont(started - queued, 0.5) FILTER (started >= queued) AS wait_median_seconds,
       quantile_cont(started - queued, 0.95) FILTER (started >= queued) AS wait_p95_seconds,
       coalesce(sum(seconds), 0) AS busy_seconds,
       count(DISTINCT nullif(host, '')) AS hosts
FROM runs
WHERE stage <> '' OR analysis NOT IN (SELECT analysis FROM runs WHERE stage <> '')
GROUP BY ALL ORDER BY analysis, busy_seconds DESC, stage
"""

BUCKETS = (
    WHOLE_RUNS
    + """
SELECT (floor(ended / $5) * $5 * 1000)::BIGINT AS at_ms,
       count(*) FILTER (succeeded) AS succeeded,
       count(*) FILTER (failed) AS failed,
       quantile_cont(seconds, 0.5) FILTER (succeeded) AS median_seconds,
       quantile_cont(seconds, 0.95) FILTER (succeeded) AS p95_seconds
FROM whole_runs
WHERE analysis = $4 AND (succeeded OR failed) AND NOT superseded
GROUP BY at_ms ORDER BY at_ms
"""
)

FAILURES = """
, failures AS MATERIALIZED (
    SELECT * FROM runs WHERE failed AND NOT superseded AND ($4 = '' OR analysis = $4)
    ORDER BY ended DESC, stage DESC LIMIT $5),
parents AS (
    SELECT child.job_id, parent.key FROM jobs AS child
    JOIN jobs AS parent ON parent.job_id = child.parent_id
    WHERE child.job_id IN (SELECT id FROM failures WHERE run_key = ''))
SELECT analysis, stage, coalesce(nullif(run_key, ''), parents.key, '') AS key,
       host, source, id, ended AS failed_at, seconds, abandoned, error
FROM failures LEFT JOIN parents ON parents.job_id = failures.id
ORDER BY ended DESC, stage DESC
"""

RUNNING = """
SELECT analysis, stage, run_key AS key, host, source, id, queued AS queued_at,
       started AS started_at
FROM runs
WHERE ended IS NULL AND ($4 = '' OR analysis = $4)
ORDER BY coalesce(started, queued), stage LIMIT $5
"""


def analyses(
    reader: Answers, since: float, until: float, settings: Sequence[Analysis] = ()
) -> list[AnalysisSummary]:
    """Every analysis with a run in [since, until), by name. Raises AgentSilent, QueryRefused."""
    params = run_params(since, until, mapped_workflows(reader, settings))
    trends = _trends(rows_of(reader.columns(RUNS + TRENDS, [*params, TREND_PARTS])))
    stages: dict[str, list[StageSummary]] = {}
    for row in rows_of(reader.columns(RUNS + STAGES, params)):
        stages.setdefault(row.pop("analysis"), []).append(StageSummary(**row))
    nothing = (0,) * TREND_PARTS
    return [
        AnalysisSummary(
            **row,
            trend=trends.get(row["analysis"], nothing),
            stages=tuple(stages.get(row["analysis"], ())),
        )
        for row in rows_of(reader.columns(RUNS + SUMMARIES, params))
    ]


def analysis_buckets(
    reader: Answers,
    analysis: str,
    span: tuple[float, float],
    bucket_seconds: float,
    settings: Sequence[Analysis] = (),
) -> Columns:
    """Whole runs by when they ended: at_ms, succeeded, failed, median_seconds, p95_seconds.

    `span` is [since, until). A bucket without a run is left out.
    """
    params = run_params(*span, mapped_workflows(reader, settings))
    return reader.columns(RUNS + BUCKETS, [*params, analysis, bucket_seconds])


def last_failures(
    reader: Answers,
    span: tuple[float, float],
    settings: Sequence[Analysis] = (),
    analysis: str = "",
    count: int = 20,
) -> list[Failure]:
    """Failed runs and stages, the newest first; of all analyses where none is named.

    A stage that was begun before its job's key was set has the key of the job.
    """
    params = run_params(*span, mapped_workflows(reader, settings))
    columns = reader.columns(RUNS + FAILURES, [*params, analysis, count])
    return [Failure(**row) for row in rows_of(columns)]


def running_now(
    reader: Answers,
    span: tuple[float, float],
    settings: Sequence[Analysis] = (),
    analysis: str = "",
    count: int = 50,
) -> list[Running]:
    """What had not ended at the end of the span, the oldest first."""
    params = run_params(*span, mapped_workflows(reader, settings))
    columns = reader.columns(RUNS + RUNNING, [*params, analysis, count])
    return [Running(**row) for row in rows_of(columns)]


def _trends(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[int, ...]]:
    counts: dict[str, list[int]] = {}
    for row in rows:
        counts.setdefault(row["analysis"], [0] * TREND_PARTS)[row["part"]] += row["runs"]
    return {analysis: tuple(line) for analysis, line in counts.items()}
