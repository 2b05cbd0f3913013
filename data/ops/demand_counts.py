"""What came, waited, ran and was called, out of jobs, executions and calls."""

# ruff: noqa: S608  Put together out of constants.

from collections.abc import Mapping
from typing import Literal

from data.ops.demand_steps import Steps, Values
from data.ops.records import Connection
from models.settings.target import Target

# $1 and $2 are a span in UTC epoch seconds, $3 the seconds of a part, $4 what of it is meant.
MY_JOBS = "parent_id = '' AND ($4 = '' OR name = $4)"
MY_RUNS = """
retry_of = '' AND mode NOT IN ('error', 'retry', 'integrated', 'internal')
AND ($4 = '' OR workflow_id = $4 OR EXISTS (
    FROM things AS t WHERE t.kind = 'workflow' AND t.source = e.source AND t.id = e.workflow_id
    AND t.name = $4))
"""
# Jobs of one key are stages or tries of one work: it came once, unless a day has passed since. A
# run whose key jobs bear, too, is the work that these do.
ARRIVALS = f"""
WITH job_rows AS MATERIALIZED (
    SELECT hash(name, coalesce(nullif(key, ''), job_id)) AS chain, key,
           epoch(least(queued_at, started_at, ended_at)) AS came
    FROM jobs WHERE {MY_JOBS}
      AND least(queued_at, started_at, ended_at) >= to_timestamp($1 - 86400)
      AND least(queued_at, started_at, ended_at) < to_timestamp($2)),
came AS (
    SELECT chain, came FROM job_rows
    UNION ALL
    SELECT hash(source, execution_id), epoch(coalesce(least(queued_at, started_at), seen_at))
    FROM executions AS e WHERE {MY_RUNS}
      AND coalesce(least(queued_at, started_at), seen_at) >= to_timestamp($1)
      AND coalesce(least(queued_at, started_at), seen_at) < to_timestamp($2)
      AND (key = '' OR key NOT IN (SELECT key FROM job_rows))),
apart AS (SELECT came, came - lag(came) OVER (PARTITION BY chain ORDER BY came) AS gap FROM came)
SELECT floor(came / $3)::BIGINT * $3::BIGINT AS begun, count(*)::DOUBLE
FROM apart WHERE came >= $1 AND (gap IS NULL OR gap > 86400) GROUP BY begun
"""
CALLS = """
SELECT floor(epoch(opened_at) / $3)::BIGINT * $3::BIGINT AS begun, count(*)::DOUBLE
FROM calls JOIN call_labels ON id = labels_id
WHERE is_call AND opened_at >= to_timestamp($1) AND opened_at < to_timestamp($2)
  AND ($4 = '' OR $4 IN (provider, workflow, analysis)) GROUP BY begun
"""
# What has not ended lasts, as far as is known.
SPANS = {
    "queue": f"""
SELECT epoch(queued_at) AS since, coalesce(epoch(coalesce(started_at, ended_at)), $2) AS until
FROM jobs WHERE queued_at IS NOT NULL AND {MY_JOBS}
UNION ALL
SELECT epoch(queued_at), coalesce(epoch(coalesce(started_at, stopped_at)),
       CASE WHEN status = 'queued' THEN $2 ELSE epoch(seen_at) END)
FROM executions AS e WHERE queued_at IS NOT NULL AND {MY_RUNS}
""",
    "active": f"""
SELECT epoch(started_at) AS since, coalesce(epoch(ended_at), $2) AS until
FROM jobs WHERE started_at IS NOT NULL AND {MY_JOBS}
UNION ALL
SELECT epoch(started_at), coalesce(epoch(stopped_at),
       CASE WHEN status = 'running' THEN $2 ELSE epoch(seen_at) END)
FROM executions AS e WHERE started_at IS NOT NULL AND {MY_RUNS}
""",
}
# The mean of a part: for how long it was so, of how long the part is.
LEVELS = """
WITH spans AS ({spans}),
cut AS (SELECT greatest(since, $1) AS since, least(until, $2) AS until FROM spans
        WHERE since < $2 AND until > $1 AND until > since),
placed AS (
    SELECT unnest(generate_series(floor(since / $3)::BIGINT, ceil(until / $3)::BIGINT - 1)) AS part,
           since, until
    FROM cut)
SELECT part * $3::BIGINT AS begun,
       (sum(least(until, (part + 1) * $3) - greatest(since, part * $3)) / $3)::DOUBLE
FROM placed GROUP BY begun
"""
COUNTS: Mapping[str, str] = {"arrivals": ARRIVALS, "calls": CALLS}


def counts(connection: Connection, target: Target, steps: Steps) -> Values:
    """How many came in each step; steps without any are left out."""
    params = [steps.since, steps.until, steps.seconds, target.only]
    return dict(connection.execute(COUNTS[target.kind], params).fetchall())


def levels(
    connection: Connection, kind: Literal["queue", "active"], only: str, steps: Steps, part: int
) -> Values:
    """How many waited or ran on average in parts of so many seconds; 0 is left out."""
    params = [steps.since, steps.until, part, only]
    return dict(connection.execute(LEVELS.format(spans=SPANS[kind]), params).fetchall())
