"""What the report on bottlenecks is made from, gathered out of the store.

Sums and quantiles are made by SQL, so that a month of runs comes over as a few thousand rows.
The agent answers with one thread and 48 MB: rows are grouped by one number, not by two texts,
and how many worked at once is counted over the last two days only.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from data.analysis_runs import RUNS, Mapped, mapped_workflows, run_params
from data.rows import Answers, rows_of
from data.strains import blockers_of, errors_of, strains_of
from models.bottlenecks.inputs import Blocker, Inputs, Level, Link, Pace, StageRuns
from models.settings.analysis import Analysis
from models.tiers import DAY_SECONDS, resolution_for

POINTS = 1_440
LEVELS_SECONDS = 2 * DAY_SECONDS
ROWS_CHAINED = 50_000
"""Of more rows a part of the keys tells what follows what: the order and the mean are the same."""
SKEW_SECONDS = 1.0
"""Clocks of two machines may differ by as much without a word about it."""

STAGES = """
, timed AS (
    SELECT *, succeeded OR failed AS counted,
           CASE WHEN coalesce(started, $2) >= $1 THEN coalesce(started, $2) - queued END AS waited,
           CASE WHEN seconds IS NULL THEN started ELSE ended - seconds END AS since
    FROM runs)
SELECT group_id, any_value(analysis) AS analysis, any_value(stage) AS stage,
       any_value(source) AS source, count(*) FILTER (counted) AS ended,
       count(*) FILTER (failed) AS failed,
       count(*) FILTER (ended IS NULL AND started < $2) AS running,
       count(*) FILTER (ended IS NULL AND started IS NULL) AS queued,
       count(*) FILTER (least(queued, started) >= $1) AS arrived,
       count(*) FILTER (inside) AS inside,
       coalesce(sum(greatest(0, coalesce(ended, $2) - greatest(since, $1)))
           FILTER (since < $2 AND NOT abandoned), 0) AS busy_seconds,
       coalesce(sum(seconds) FILTER (failed), 0) AS failed_seconds,
       avg(seconds) AS mean_seconds,
       var_samp(seconds) AS variance_seconds,
       quantile_cont(seconds::FLOAT, [0.5, 0.95]) FILTER (succeeded) AS typical,
       count(*) FILTER (waited >= -$4) AS waits,
       coalesce(sum(greatest(waited, 0)), 0) AS wait_seconds,
       quantile_cont(waited::FLOAT, 0.95) FILTER (waited >= -$4) AS wait_p95_seconds,
       count(*) FILTER (waited < -$4) AS negative_waits,
       min(least(queued, started)) AS first_at,
       max(coalesce(ended, started)) AS last_at
FROM timed
GROUP BY group_id
"""

# $5: of so many keys one is looked at.
LINKS = """
, chained AS (
    SELECT group_id, stage, analysis, queued, lag(stage) OVER of_key AS before,
           started - lag(ended) OVER of_key AS gap
    FROM runs
    WHERE chain % $5::UBIGINT = 0 AND stage NOT IN ('', 'job') AND started IS NOT NULL
    WINDOW of_key AS (PARTITION BY chain ORDER BY started))
SELECT any_value(analysis) AS analysis, any_value(stage) AS stage, before,
       $5 * count(*) AS count, avg(gap) AS mean_gap_seconds,
       $5 * count(*) FILTER (queued IS NULL AND gap >= -$4) AS gaps,
       $5 * coalesce(sum(greatest(gap, 0)) FILTER (queued IS NULL AND gap >= -$4), 0)
           AS gap_seconds,
       quantile_cont(gap, 0.95) FILTER (queued IS NULL AND gap >= -$4) AS gap_p95_seconds,
       count(*) FILTER (gap < -$4) AS negative
FROM chained
WHERE before IS NOT NULL AND gap IS NOT NULL
GROUP BY group_id, before
"""

LEVELS = """
, worked AS (
    SELECT group_id, coalesce(ended, $2) AS until,
           CASE WHEN seconds IS NULL THEN started ELSE ended - seconds END AS since
    FROM runs WHERE NOT abandoned AND started IS NOT NULL AND coalesce(ended, $2) >= $4),
moments AS (
    SELECT group_id, since AS moment, 1::TINYINT AS change FROM worked
    UNION ALL
    SELECT group_id, until, -1::TINYINT FROM worked),
levels AS (
    SELECT group_id, sum(change) OVER in_order AS running,
           lead(moment) OVER in_order - moment AS seconds
    FROM moments WINDOW in_order AS (PARTITION BY group_id ORDER BY moment, change))
SELECT group_id, running::INTEGER AS running, sum(seconds) AS seconds
FROM levels WHERE running > 0 GROUP BY ALL
"""

PACES = """
SELECT group_id, host, floor((ended - seconds / 2) / $4)::BIGINT AS bucket, count(*) AS runs,
       median(seconds::FLOAT) AS median_seconds
FROM runs WHERE seconds IS NOT NULL GROUP BY ALL
"""


class Asked(NamedTuple):
    """Whom to ask, about which span, and which workflows are analyses."""

    reader: Answers
    since: float
    until: float
    mapped: Sequence[Mapped]

    def rows(self, sql: str, *more: float) -> list[dict[str, Any]]:
        """Of a statement that follows RUNS; `more` are its $4 and $5."""
        params = [*run_params(self.since, self.until, self.mapped), *more]
        return rows_of(self.reader.columns(RUNS + sql, params))


def bottleneck_inputs(
    reader: Answers,
    since: float,
    until: float,
    settings: Sequence[Analysis] = (),
    blockers: Sequence[Blocker] = (),
) -> Inputs:
    """Everything that `models.bottlenecks.report.bottlenecks` needs of [since, until).

    `blockers` are those that the collectors see now; what the store remembers is added. Raises
    AgentSilent, QueryRefused.
    """
    asked = Asked(reader, since, until, mapped_workflows(reader, settings))
    resolution = resolution_for(since, until, until, POINTS)
    width = resolution.bucket_seconds
    stages = {row["group_id"]: row for row in asked.rows(STAGES, SKEW_SECONDS)}
    one_of = 1 + sum(row["ended"] for row in stages.values()) // ROWS_CHAINED
    last_at = max((row["last_at"] or since for row in stages.values()), default=since)
    lately = max(since, min(last_at, until) - LEVELS_SECONDS)
    found = strains_of(reader, since, until, resolution)
    return Inputs(
        since=since,
        until=until,
        bucket_seconds=width,
        runs=tuple(_stage_runs(row) for row in stages.values()),
        links=tuple(Link(**row) for row in asked.rows(LINKS, SKEW_SECONDS, one_of)),
        levels=tuple(Level(**_named(row, stages)) for row in asked.rows(LEVELS, lately)),
        paces=tuple(Pace(**_named(row, stages)) for row in asked.rows(PACES, width)),
        strains=found.strains,
        statements=found.statements,
        blockers=(*blockers, *blockers_of(reader, since)),
        errors=errors_of(reader, since, until, resolution),
    )


def _stage_runs(row: dict[str, Any]) -> StageRuns:
    typical = row.pop("typical")
    median, p95 = (None, None) if typical is None else (float(value) for value in typical)
    return StageRuns(**_without_group(row), median_seconds=median, p95_seconds=p95)


def _named(row: dict[str, Any], stages: dict[int, dict[str, Any]]) -> dict[str, Any]:
    stage = stages[row["group_id"]]
    return {**_without_group(row), "analysis": stage["analysis"], "stage": stage["stage"]}


def _without_group(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "group_id"}
