"""What the agent asks the store about work that was refused: functions over a cursor.

`mark` is what every refusal of ours says; whether it was one for want of money is read out of the
text elsewhere.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from data.ops.asked import Connection
from models.waiting.proving import LaterRun

ROWS_MAX = 5_000
MICRO = 1_000_000


class Failed(NamedTuple):
    """A run that failed with a refusal in what it says. `kind` is the workflow's id or the name of
    the analysis, `name` what people call it; `at` is UTC epoch seconds. `retry_of` is the run that
    it tried again, "" for none.
    """

    source: str
    kind: str
    name: str
    run_id: str
    retry_of: str
    key: str
    said: str
    at: float


EXECUTIONS = """
WITH names AS (SELECT source, id, arg_max(name, seen_at) AS name FROM things
               WHERE kind = 'workflow' GROUP BY ALL)
SELECT e.source, workflow_id, coalesce(nullif(name, ''), workflow_id), execution_id, retry_of, key,
       error, epoch(coalesce(stopped_at, started_at, e.seen_at)) AS moment
FROM executions AS e LEFT JOIN names ON names.source = e.source AND id = workflow_id
WHERE status IN ('error', 'crashed') AND mode NOT IN ('manual', 'evaluation')
  AND coalesce(stopped_at, started_at, e.seen_at) >= to_timestamp($1) AND contains(error, $2)
ORDER BY moment DESC LIMIT $3
"""
# A stage that fails mostly takes its job along: the outermost that failed is what runs again. Where
# the outer one went on all the same, or still runs, nothing waits.
JOBS = """
WITH RECURSIVE climb AS (
    SELECT job_id, parent_id, name, key, error AS said, ended_at, 0 AS depth FROM jobs
    WHERE state = 'failed' AND ended_at >= to_timestamp($1) AND contains(error, $2)
    UNION ALL
    SELECT outside.job_id, outside.parent_id, outside.name,
           coalesce(nullif(outside.key, ''), climb.key), said, outside.ended_at, depth + 1
    FROM climb JOIN jobs AS outside ON outside.job_id = climb.parent_id
    WHERE outside.state = 'failed' AND depth < 8)
SELECT 'jobs', any_value(name), any_value(name), job_id, '', max(key), any_value(said),
       epoch(max(ended_at)) AS moment
FROM climb
WHERE parent_id = '' OR parent_id NOT IN (SELECT job_id FROM jobs)
GROUP BY job_id ORDER BY moment DESC LIMIT $3
"""
RETRIES = """
SELECT retry_of, execution_id, status, error,
       epoch(coalesce(started_at, queued_at, seen_at)) AS moment, epoch(stopped_at)
FROM executions WHERE source = $1 AND list_contains($2::VARCHAR[], retry_of) ORDER BY moment
"""
LATER = """
SELECT key, job_id, state, error, epoch(started_at) AS moment, epoch(ended_at)
FROM jobs
WHERE name = $1 AND started_at >= to_timestamp($2)
  AND (parent_id = '' OR parent_id NOT IN (SELECT job_id FROM jobs))
ORDER BY moment
"""
LAST = """
SELECT error FROM executions
WHERE source = $1 AND workflow_id = $2 AND mode NOT IN ('manual', 'evaluation')
  AND stopped_at IS NOT NULL AND status <> 'canceled'
ORDER BY stopped_at DESC, execution_id DESC LIMIT $3
"""
USUAL = """
WITH own AS (
    SELECT job_key, won FROM calls JOIN call_labels ON id = labels_id
    WHERE is_call AND state = 'settled' AND opened_at >= to_timestamp($3)
      AND (list_contains($1::VARCHAR[], workflow) OR analysis = $2)),
keyed AS (SELECT sum(won) AS won FROM own WHERE job_key <> '' GROUP BY job_key)
SELECT (SELECT quantile_disc(won, 0.5) FROM keyed), (SELECT sum(won) FROM own)
"""
RUNS = """
SELECT (SELECT count(*) FROM executions
        WHERE list_contains($1::VARCHAR[], workflow_id) AND status = 'success'
          AND stopped_at >= to_timestamp($3))
     + (SELECT count(*) FROM jobs
        WHERE name = $2 AND parent_id = '' AND state = 'succeeded'
          AND ended_at >= to_timestamp($3))
"""


def refused_executions(connection: Connection, mark: str, since: float) -> list[Failed]:
    """Of n8n, but those that a person started to try something; the newest first."""
    return [
        Failed(*row) for row in connection.execute(EXECUTIONS, [since, mark, ROWS_MAX]).fetchall()
    ]


def refused_jobs(connection: Connection, mark: str, since: float) -> list[Failed]:
    """Of the ledger; the newest first."""
    return [Failed(*row) for row in connection.execute(JOBS, [since, mark, ROWS_MAX]).fetchall()]


def retries(connection: Connection, source: str, execution_ids: Sequence[str]) -> list[LaterRun]:
    """What tried one of these again, the oldest first."""
    rows = connection.execute(RETRIES, [source, list(execution_ids)]).fetchall()
    return [LaterRun(*row) for row in rows]


def later_jobs(connection: Connection, name: str, since: float) -> list[LaterRun]:
    """Whole runs of an analysis that began since then, the oldest first."""
    return [LaterRun(*row) for row in connection.execute(LATER, [name, since]).fetchall()]


def last_errors(connection: Connection, source: str, workflow_id: str, count: int) -> list[str]:
    """What the last runs of a workflow say, the newest first; "" for what went well."""
    rows = connection.execute(LAST, [source, workflow_id, count]).fetchall()
    return [error for (error,) in rows]


def usual_micro(connection: Connection, kinds: Sequence[str], name: str, since: float) -> int:
    """Micro-won that a run mostly costs: the median by key, else all divided by what went well;
    0 where nothing is known. `kinds` are the names that its calls bear as a workflow.
    """
    params = [list(kinds), name, since]
    median, whole = _row(connection, USUAL, params)
    if median is not None:
        return int(Decimal(median) * MICRO)
    [count] = _row(connection, RUNS, params)
    return int(Decimal(whole) * MICRO) // count if whole is not None and count else 0


def _row(connection: Connection, sql: str, params: Sequence[object]) -> tuple[Decimal | int, ...]:
    row = connection.execute(sql, params).fetchone()
    assert row is not None, "an aggregate without GROUP BY always returns one row"
    return row
