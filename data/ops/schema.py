"""Tables of the DuckDB store, brought up to date by numbered migrations.

Each migration is one function and one transaction, with its own record in `migrations`. None is
ever changed once released: a new one is added at the end of MIGRATIONS.

No table has an index: the store has one writer that checks for itself, and what has no index can
be salvaged row by row when a block of the file is damaged.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import duckdb

from models.errors import StoreError
from models.tiers import TIERS

Connection = duckdb.DuckDBPyConnection


def first_tables(connection: Connection) -> None:
    connection.execute("""
        CREATE TABLE series (
            id INTEGER NOT NULL, machine VARCHAR NOT NULL, name VARCHAR NOT NULL,
            unit VARCHAR NOT NULL, labels VARCHAR NOT NULL, created_at TIMESTAMPTZ NOT NULL)
    """)
    connection.execute("CREATE TABLE meta (key VARCHAR NOT NULL, value VARCHAR NOT NULL)")
    connection.execute("""
        CREATE TABLE flushes (
            seq BIGINT NOT NULL, row_count BIGINT NOT NULL,
            first_at TIMESTAMPTZ NOT NULL, last_at TIMESTAMPTZ NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE periods (
            tier VARCHAR NOT NULL, period VARCHAR NOT NULL, table_name VARCHAR NOT NULL,
            first_at TIMESTAMPTZ NOT NULL, end_at TIMESTAMPTZ NOT NULL, sealed BOOLEAN NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE rollups (tier VARCHAR NOT NULL, rolled_before TIMESTAMPTZ NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE rolled_back (
            tier VARCHAR NOT NULL, before TIMESTAMPTZ NOT NULL, last_seq BIGINT NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE drops (
            tier VARCHAR NOT NULL, table_name VARCHAR NOT NULL, end_at TIMESTAMPTZ NOT NULL)
    """)
    for tier in TIERS:
        connection.execute(empty_view(tier.view))


def record_tables(connection: Connection) -> None:
    """What is no number: runs of workflows, jobs out of the ledger, and what things are called."""
    connection.execute("""
        CREATE TABLE executions (
            source VARCHAR NOT NULL, workflow_id VARCHAR NOT NULL, execution_id VARCHAR NOT NULL,
            status VARCHAR NOT NULL, mode VARCHAR NOT NULL, queued_at TIMESTAMPTZ,
            started_at TIMESTAMPTZ, stopped_at TIMESTAMPTZ, seen_at TIMESTAMPTZ NOT NULL,
            retry_of VARCHAR NOT NULL, error VARCHAR NOT NULL, key VARCHAR NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE things (
            kind VARCHAR NOT NULL, source VARCHAR NOT NULL, id VARCHAR NOT NULL,
            name VARCHAR NOT NULL, detail VARCHAR NOT NULL, seen_at TIMESTAMPTZ NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE jobs (
            job_id VARCHAR NOT NULL, parent_id VARCHAR NOT NULL, name VARCHAR NOT NULL,
            stage VARCHAR NOT NULL, key VARCHAR NOT NULL, host VARCHAR NOT NULL,
            state VARCHAR NOT NULL, queued_at TIMESTAMPTZ, started_at TIMESTAMPTZ,
            ended_at TIMESTAMPTZ, duration_seconds DOUBLE, error VARCHAR NOT NULL,
            seq BIGINT NOT NULL)
    """)
    # How far another file was read: written in the transaction that stores what was read.
    connection.execute("CREATE TABLE folds (source VARCHAR NOT NULL, watermark BIGINT NOT NULL)")


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (first_tables, record_tables)


def empty_view(view: str) -> str:
    return f"""
        CREATE OR REPLACE VIEW {view} AS
        SELECT NULL::TIMESTAMPTZ AS taken_at, NULL::INTEGER AS series_id, NULL::FLOAT AS mean,
               NULL::FLOAT AS min, NULL::FLOAT AS max, NULL::INTEGER AS n
        WHERE false
    """


def migrate(connection: Connection, now: float) -> int:
    """Apply what is missing, each step in its own transaction; returns how many were applied.

    Raises StoreError when the file was written by a newer version than this one.
    """
    connection.execute("""
        CREATE TABLE IF NOT EXISTS migrations (
            number INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)
    """)
    done = applied(connection)
    if done > len(MIGRATIONS):
        raise StoreError(
            f"ops.duckdb was written by a newer version (step {done}; this version knows "
            f"{len(MIGRATIONS)}). Install that version again, or start with another home."
        )
    for number, step in enumerate(MIGRATIONS[done:], start=done + 1):
        connection.execute("BEGIN")
        try:
            step(connection)
            moment = datetime.fromtimestamp(now, UTC)
            connection.execute(
                "INSERT INTO migrations VALUES (?, ?, ?)", [number, step.__name__, moment]
            )
            connection.execute("COMMIT")
        except duckdb.Error:
            connection.execute("ROLLBACK")
            raise
    return len(MIGRATIONS) - done


def applied(connection: Connection) -> int:
    row = connection.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()
    assert row is not None, "an aggregate without GROUP BY always returns one row"
    return int(row[0])
