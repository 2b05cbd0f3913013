"""Runs of analyses out of both places where they stand: jobs of the ledger, executions of n8n.

What counts once:
- Where an analysis is a workflow as a whole, n8n tells its runs, and whole jobs of the same name
  are its stage `job`.
- An execution that was retried is no run of its own: the last try is. A job that is done again is
  a run again, since nothing says why it was.
- A run counts where it ended; one that has not ended, at the end of the span.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from data.rows import Answers
from data.workflows import known_workflows
from models.settings.analysis import Analysis


class Mapped(NamedTuple):
    """A workflow whose executions are runs of an analysis, or of one stage of it."""

    analysis: str
    stage: str
    source: str
    workflow_id: str


def mapped_workflows(reader: Answers, settings: Sequence[Analysis]) -> list[Mapped]:
    """The workflows that the settings mean, by their ids."""
    return chosen(settings, known_workflows(reader)) if settings else []


def chosen(
    settings: Iterable[Analysis], known: Mapping[tuple[str, str], Mapping[str, Any]]
) -> list[Mapped]:
    """By id, else by name; of several of one name all. What is not known yet is taken as an id.

    >>> chosen([Analysis(name="video")], {("n8n:main", "w1"): {"name": "video"}})
    [Mapped(analysis='video', stage='', source='n8n:main', workflow_id='w1')]
    """
    found = []
    for setting in settings:
        source = f"n8n:{setting.n8n}"
        wanted = setting.workflow or setting.name
        ids = [] if (source, wanted) in known else _named(known, source, wanted)
        found += [
            Mapped(setting.name, setting.stage, source, workflow_id)
            for workflow_id in ids or [wanted]
        ]
    return found


def _named(known: Mapping[tuple[str, str], Mapping[str, Any]], source: str, name: str) -> list[str]:
    return [
        workflow_id
        for (at, workflow_id), shape in known.items()
        if at == source and shape.get("name") == name
    ]


def run_params(since: float, until: float, mapped: Sequence[Mapped]) -> list[object]:
    """What RUNS needs as $1, $2, $3."""
    return [since, until, json.dumps([list(row) for row in mapped])]


# Columns of `runs`, each row with a part in [$1, $2): group_id (analysis and stage as one number,
# which is cheap to group by), analysis, stage, source ("" for jobs), id, run_key, chain (one number
# for the rows of one key), inside (part of a job's row), host, succeeded, failed (abandoned, too),
# abandoned, superseded (retried), queued, started, ended (UTC epoch seconds; `ended` is NULL for
# what has not ended), seconds (how long it took; NULL where that is not known), error.
# Truth values instead of states: a text in every row would cost half as much again.
RUNS = """
WITH mapping AS MATERIALIZED (
    SELECT m ->> 0 AS analysis, m ->> 1 AS stage, m ->> 2 AS source, m ->> 3 AS workflow_id
    FROM (SELECT unnest(from_json($3::JSON, '["JSON"]')) AS m)),
n8n AS MATERIALIZED (
    SELECT m.analysis, m.stage, e.*, stopped_at < to_timestamp($2) AS over,
           EXISTS (FROM executions AS r WHERE r.retry_of = e.execution_id AND r.source = e.source)
               AS superseded
    FROM executions AS e
    JOIN mapping AS m ON m.source = e.source AND m.workflow_id = e.workflow_id
    WHERE coalesce(e.stopped_at, to_timestamp($2)) >= to_timestamp($1)
      AND least(e.queued_at, e.started_at, e.seen_at) < to_timestamp($2)),
wholes AS MATERIALIZED (SELECT DISTINCT analysis FROM n8n WHERE stage = ''),
told AS (
    SELECT name AS analysis,
           CASE WHEN stage = '' AND name IN (FROM wholes) THEN 'job' ELSE stage END AS stage,
           '' AS source, job_id AS id, key AS run_key,
           hash(name, coalesce(nullif(key, ''), nullif(parent_id, ''), job_id)) AS chain,
           parent_id <> '' AS inside, host,
           coalesce(state = 'succeeded' AND ended_at < to_timestamp($2), false) AS succeeded,
           coalesce(state IN ('failed', 'abandoned') AND ended_at < to_timestamp($2), false)
               AS failed,
           state = 'abandoned' AS abandoned, false AS superseded,
           epoch(queued_at) AS queued, epoch(started_at) AS started,
           CASE WHEN ended_at < to_timestamp($2) THEN epoch(ended_at) END AS ended,
           CASE WHEN state IN ('succeeded', 'failed') AND ended_at < to_timestamp($2) THEN
               coalesce(duration_seconds, greatest(epoch(ended_at) - epoch(started_at), 0))
           END AS seconds, error
    FROM jobs
    WHERE coalesce(ended_at, to_timestamp($2)) >= to_timestamp($1)
      AND least(queued_at, started_at, ended_at) < to_timestamp($2)
    UNION ALL
    SELECT analysis, stage, source, execution_id, key,
           hash(analysis, coalesce(nullif(key, ''), source || execution_id)), false, '',
           coalesce(over AND status = 'success', false),
           coalesce(over AND status IN ('error', 'crashed'), false), status = 'crashed', superseded,
           epoch(queued_at), epoch(started_at), CASE WHEN over THEN epoch(stopped_at) END,
           CASE WHEN over AND status IN ('success', 'error') AND stopped_at >= started_at
                THEN epoch(stopped_at) - epoch(started_at) END, error
    FROM n8n),
runs AS (SELECT *, hash(analysis, stage) AS group_id FROM told)
"""
