"""What the store remembers for a collector that begins anew: where it goes on, what is usual."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb

from models.databases.growth import POINTS_MAX, SPAN_SECONDS_MAX, KnownSizes, Size
from models.monitoring import Execution
from models.tiers import TEN_MINUTES
from models.workflows.known import WATERMARK_KIND, Known

Connection = duckdb.DuckDBPyConnection

RUNS_MAX = 20_000
"""Of the last 24 hours; more would only make the start slow."""
LAST_RUNS = 50
WEEKS = 5
APART_SECONDS = 300
SIZES = {
    "postgres": ["postgresql.db_size", "postgresql.table.size"],
    "sqlite": ["sqlite.size", "sqlite.wal.size"],
}

CELLS = """
    source, workflow_id, execution_id, status, mode, epoch(queued_at), epoch(started_at),
    epoch(stopped_at), epoch(seen_at), retry_of, error, key
"""


def known_runs(connection: Connection, source: str, now: float) -> Known:
    """For one n8n; see `Known`. Raises duckdb.Error."""
    return Known(
        _watermark(connection, source),
        _runs(connection, source, _moment(now - 86_400)),
        _starts(connection, source, _moment(now) - timedelta(weeks=WEEKS)),
        _successes(connection, source),
    )


def _watermark(connection: Connection, source: str) -> int | None:
    row = connection.execute(
        """
        SELECT arg_max((detail ->> 'watermark')::BIGINT, seen_at) FROM things
        WHERE kind = ? AND source = ?
        """,
        [WATERMARK_KIND, source],
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _runs(connection: Connection, source: str, since: datetime) -> Sequence[Execution]:
    rows = connection.execute(
        f"""
        SELECT {CELLS} FROM executions WHERE source = $1
        QUALIFY status IN ('queued', 'running', 'waiting') OR seen_at >= $2
            OR row_number() OVER (PARTITION BY workflow_id ORDER BY seen_at DESC) <= $3
        ORDER BY seen_at DESC LIMIT $4
        """,  # noqa: S608  (a constant of this file)
        [source, since, LAST_RUNS, RUNS_MAX],
    ).fetchall()
    return [Execution(*row) for row in reversed(rows)]


def _starts(connection: Connection, source: str, since: datetime) -> dict[str, list[float]]:
    rows = connection.execute(
        """
        SELECT workflow_id, min(epoch(started_at)) AS start
        FROM executions
        WHERE source = $1 AND started_at >= $2 AND mode NOT IN ('manual', 'retry', 'evaluation')
        GROUP BY workflow_id, epoch(started_at)::BIGINT // $3
        ORDER BY workflow_id, start
        """,
        [source, since, APART_SECONDS],
    ).fetchall()
    starts: dict[str, list[float]] = {}
    for workflow_id, start in rows:
        starts.setdefault(workflow_id, []).append(start)
    return starts


def _successes(connection: Connection, source: str) -> dict[str, float]:
    rows = connection.execute(
        """
        SELECT workflow_id, max(epoch(stopped_at)) FROM executions
        WHERE source = ? AND status = 'success' AND stopped_at IS NOT NULL GROUP BY workflow_id
        """,
        [source],
    ).fetchall()
    return dict(rows)


def known_sizes(connection: Connection, machine: str, source: str, now: float) -> KnownSizes:
    """Of one "postgres:NAME" or "sqlite:NAME", few and spread evenly. Raises duckdb.Error."""
    kind, _, instance = source.partition(":")
    rows = connection.execute(
        """
        WITH found AS (
            SELECT taken_at, coalesce(labels ->> 'database', '') AS base,
                   coalesce(labels ->> 'table', '') AS part, mean::DOUBLE AS size
            FROM samples_10m JOIN series ON series.id = series_id
            WHERE machine = $1 AND list_contains($2, name) AND (labels ->> 'source') = $3
              AND taken_at >= $4 AND taken_at < $5 AND mean IS NOT NULL),
        named AS (
            SELECT * FROM found WHERE base <> ''
            UNION ALL
            SELECT taken_at, '', '', sum(size) FROM found WHERE part = '' GROUP BY taken_at),
        tiled AS (
            SELECT *, ntile($6) OVER (PARTITION BY base, part ORDER BY taken_at) AS tile
            FROM named)
        SELECT base, part, epoch(max(taken_at)) AS last_at, arg_max(size, taken_at)
        FROM tiled GROUP BY base, part, tile ORDER BY base, part, last_at
        """,
        [
            *(machine, SIZES[kind], instance),
            *(_moment(now - SPAN_SECONDS_MAX), _moment(now), POINTS_MAX),
        ],
    ).fetchall()
    sizes: dict[tuple[str, ...], list[Size]] = {}
    for base, part, last_at, size in rows:
        key = (base, part) if part else (base,)
        # The mean of a bucket is its size halfway.
        sizes.setdefault(key, []).append(Size(last_at + TEN_MINUTES.step_seconds / 2, size))
    return sizes


def _moment(epoch_seconds: float) -> datetime:
    return datetime.fromtimestamp(epoch_seconds, UTC)
