"""What pages ask the store about workflows and their runs.

Times are UTC epoch seconds. A run counts where it ended; one that has not ended counts where it
began. The status of n8n: `error` and `crashed` are failures, `canceled` is neither.
"""

import json
from typing import Any, NamedTuple

from data.rows import Answers, Columns, rows_of
from models.workflow_table import WorkflowRuns


class Failure(NamedTuple):
    execution_id: str
    failed_at: float
    error: str
    key: str
    mode: str


TREND_PARTS = 24

RUNS = """
WITH runs AS (
    SELECT source, workflow_id, status,
           coalesce(stopped_at, started_at, queued_at, seen_at) AS moment,
           CASE WHEN stopped_at >= started_at AND status = 'success'
                THEN epoch(stopped_at) - epoch(started_at) END AS seconds,
           CASE WHEN started_at >= queued_at THEN epoch(started_at) - epoch(queued_at) END AS waited
    FROM executions
    WHERE coalesce(stopped_at, started_at, queued_at, seen_at) >= to_timestamp($1)
      AND coalesce(stopped_at, started_at, queued_at, seen_at) < to_timestamp($2)),
last AS (
    SELECT source, workflow_id, max(moment) FILTER (status = 'success') AS success_at
    FROM runs GROUP BY ALL),
names AS (SELECT source, id, arg_max(name, seen_at) AS name FROM things
          WHERE kind = 'workflow' GROUP BY ALL)
SELECT runs.source, runs.workflow_id, coalesce(any_value(names.name), runs.workflow_id) AS name,
       count(*) AS runs,
       count(*) FILTER (status = 'success') AS successes,
       count(*) FILTER (status IN ('error', 'crashed')) AS failures,
       median(seconds) AS median_seconds,
       quantile_cont(seconds, 0.95) AS p95_seconds,
       quantile_cont(waited, 0.95) AS wait_p95_seconds,
       epoch(any_value(success_at)) AS last_success_at,
       epoch(max(moment)) AS last_run_at,
       count(*) FILTER (status IN ('error', 'crashed')
                        AND (success_at IS NULL OR moment > success_at)) AS streak
FROM runs
LEFT JOIN last ON last.source = runs.source AND last.workflow_id = runs.workflow_id
LEFT JOIN names ON names.source = runs.source AND names.id = runs.workflow_id
GROUP BY runs.source, runs.workflow_id
ORDER BY runs.source, name
"""

TRENDS = """
SELECT source, workflow_id, floor((epoch(moment) - $1) / $3) AS part, count(*) AS runs
FROM (SELECT source, workflow_id, coalesce(stopped_at, started_at, queued_at, seen_at) AS moment
      FROM executions)
WHERE moment >= to_timestamp($1) AND moment < to_timestamp($2)
GROUP BY ALL
"""

BUCKETS = """
SELECT (epoch_ms(coalesce(stopped_at, started_at)) // $5) * $5 AS at_ms,
       count(*) FILTER (status = 'success') AS successes,
       count(*) FILTER (status IN ('error', 'crashed')) AS failures,
       median(epoch(stopped_at) - epoch(started_at)) FILTER (stopped_at >= started_at) AS median,
       max(epoch(stopped_at) - epoch(started_at)) FILTER (stopped_at >= started_at) AS longest
FROM executions
WHERE source = $1 AND workflow_id = $2
  AND coalesce(stopped_at, started_at) >= to_timestamp($3)
  AND coalesce(stopped_at, started_at) < to_timestamp($4)
GROUP BY at_ms ORDER BY at_ms
"""

FAILURES = """
SELECT execution_id, epoch(coalesce(stopped_at, started_at, seen_at)) AS failed_at, error, key, mode
FROM executions
WHERE source = $1 AND workflow_id = $2 AND status IN ('error', 'crashed')
ORDER BY failed_at DESC LIMIT $3
"""


def workflow_runs(reader: Answers, since: float, until: float) -> list[WorkflowRuns]:
    """Every workflow with a run in [since, until)."""
    trends = _trends(reader, since, until)
    return [
        WorkflowRuns(**row, trend=trends.get((row["source"], row["workflow_id"]), ()))
        for row in rows_of(reader.columns(RUNS, [since, until]))
    ]


def _trends(reader: Answers, since: float, until: float) -> dict[tuple[str, str], tuple[int, ...]]:
    width = (until - since) / TREND_PARTS
    counts: dict[tuple[str, str], list[int]] = {}
    for row in rows_of(reader.columns(TRENDS, [since, until, width])):
        line = counts.setdefault((row["source"], row["workflow_id"]), [0] * TREND_PARTS)
        line[min(int(row["part"]), TREND_PARTS - 1)] += row["runs"]
    return {key: tuple(line) for key, line in counts.items()}


def run_buckets(
    reader: Answers, workflow: tuple[str, str], since: float, until: float, bucket_seconds: float
) -> Columns:
    """Columns at_ms, successes, failures, median, longest (seconds) of a (source, workflow id)."""
    return reader.columns(BUCKETS, [*workflow, since, until, int(bucket_seconds * 1000)])


def failures_of(reader: Answers, workflow: tuple[str, str], count: int = 20) -> list[Failure]:
    """The last failed runs, newest first."""
    columns = reader.columns(FAILURES, [*workflow, count])
    return [Failure(**row) for row in rows_of(columns)]


def known_workflows(reader: Answers) -> dict[tuple[str, str], dict[str, Any]]:
    """What is remembered of each workflow, by source and id; its name under "name"."""
    columns = reader.columns(
        "SELECT source, id, arg_max(name, seen_at) AS name, arg_max(detail, seen_at) AS detail "
        "FROM things WHERE kind = 'workflow' GROUP BY ALL"
    )
    return {
        (row["source"], row["id"]): {**json.loads(row["detail"] or "{}"), "name": row["name"]}
        for row in rows_of(columns)
    }
