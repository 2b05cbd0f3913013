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


def cost_tables(connection: Connection) -> None:
    """The ledger's money: won and USD as DECIMAL, whatever all calls of a kind share in one row."""
    connection.execute("""
        CREATE TABLE call_labels (
            id INTEGER NOT NULL, provider VARCHAR NOT NULL, model VARCHAR NOT NULL,
            model_billed VARCHAR NOT NULL, endpoint VARCHAR NOT NULL, workflow VARCHAR NOT NULL,
            analysis VARCHAR NOT NULL, key_label VARCHAR NOT NULL, priority VARCHAR NOT NULL,
            kind VARCHAR NOT NULL, is_call BOOLEAN NOT NULL, source VARCHAR NOT NULL,
            host VARCHAR NOT NULL, buckets VARCHAR NOT NULL, price_id VARCHAR NOT NULL,
            fx_id VARCHAR NOT NULL, vat_ppm INTEGER NOT NULL, fee_ppm INTEGER NOT NULL,
            streamed BOOLEAN NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE calls (
            call_id VARCHAR NOT NULL, attempt INTEGER NOT NULL, labels_id INTEGER NOT NULL,
            state VARCHAR NOT NULL, job_key VARCHAR NOT NULL, opened_at TIMESTAMPTZ NOT NULL,
            settled_at TIMESTAMPTZ, usd DECIMAL(18,9) NOT NULL, worst_usd DECIMAL(18,9) NOT NULL,
            won DECIMAL(18,6) NOT NULL, worst_won DECIMAL(18,6) NOT NULL, status INTEGER NOT NULL,
            latency_us BIGINT NOT NULL, overhead_us BIGINT NOT NULL,
            input_tokens BIGINT NOT NULL, cache_read_tokens BIGINT NOT NULL,
            cache_write_5m_tokens BIGINT NOT NULL, cache_write_1h_tokens BIGINT NOT NULL,
            output_tokens BIGINT NOT NULL, reasoning_tokens BIGINT NOT NULL,
            audio_input_tokens BIGINT NOT NULL, media_input_tokens BIGINT NOT NULL,
            tool_calls VARCHAR NOT NULL, error VARCHAR NOT NULL, seq BIGINT NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE refusals (
            bucket_id VARCHAR NOT NULL, provider VARCHAR NOT NULL, model VARCHAR NOT NULL,
            minute_at TIMESTAMPTZ NOT NULL, code VARCHAR NOT NULL, priority VARCHAR NOT NULL,
            calls BIGINT NOT NULL, needed_won DECIMAL(18,6) NOT NULL, last_at TIMESTAMPTZ NOT NULL,
            seq BIGINT NOT NULL)
    """)
    # A cap may be larger than what any call costs.
    connection.execute("""
        CREATE TABLE limit_events (
            kind VARCHAR NOT NULL, bucket_id VARCHAR NOT NULL, start_at TIMESTAMPTZ NOT NULL,
            end_at TIMESTAMPTZ NOT NULL, version BIGINT NOT NULL, threshold_ppm BIGINT NOT NULL,
            cap_won DECIMAL(24,6) NOT NULL, spent_won DECIMAL(24,6) NOT NULL,
            call_id VARCHAR NOT NULL, attempt INTEGER NOT NULL, provider VARCHAR NOT NULL,
            model VARCHAR NOT NULL, happened_at TIMESTAMPTZ NOT NULL, seq BIGINT NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE balances (
            bucket_id VARCHAR NOT NULL, start_at TIMESTAMPTZ NOT NULL, end_at TIMESTAMPTZ NOT NULL,
            cap_won DECIMAL(24,6) NOT NULL, settled_won DECIMAL(24,6) NOT NULL,
            open_won DECIMAL(24,6) NOT NULL, unverified_won DECIMAL(24,6) NOT NULL,
            version BIGINT NOT NULL, told_at TIMESTAMPTZ NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE fx_rates (
            provider VARCHAR NOT NULL, fx_id VARCHAR NOT NULL, rate_date VARCHAR NOT NULL,
            won_per_usd DECIMAL(18,6) NOT NULL, vat_ppm INTEGER NOT NULL, fee_ppm INTEGER NOT NULL,
            source VARCHAR NOT NULL, fetched_at TIMESTAMPTZ NOT NULL)
    """)
    # Whatever costs something, of whatever kind; a row whose labels were lost is kept in it.
    connection.execute("""
        CREATE VIEW cost_facts AS
        SELECT calls.*, coalesce(provider, '') AS provider, coalesce(model, '') AS model,
               coalesce(model_billed, '') AS model_billed, coalesce(endpoint, '') AS endpoint,
               coalesce(workflow, '') AS workflow, coalesce(analysis, '') AS analysis,
               coalesce(key_label, '') AS key_label, coalesce(priority, '') AS priority,
               coalesce(kind, 'api') AS kind, coalesce(is_call, true) AS is_call,
               coalesce(source, '') AS source, coalesce(host, '') AS host,
               coalesce(buckets, '') AS buckets, coalesce(price_id, '') AS price_id,
               coalesce(fx_id, '') AS fx_id, coalesce(vat_ppm, 0) AS vat_ppm,
               coalesce(fee_ppm, 0) AS fee_ppm, coalesce(streamed, false) AS streamed
        FROM calls LEFT JOIN call_labels ON call_labels.id = labels_id
    """)


def prompt_columns(connection: Connection) -> None:
    """Which calls asked the same, and how much each could make at most. The view is as it was."""
    connection.execute("ALTER TABLE calls ADD COLUMN prompt_hash UUID")
    connection.execute("ALTER TABLE calls ADD COLUMN prefix_hash UUID")
    connection.execute("ALTER TABLE calls ADD COLUMN output_max BIGINT")


def demand_tables(connection: Connection) -> None:
    """Forecasts with what they were made of, what came true, how good that was, and plans."""
    connection.execute("""
        CREATE TABLE forecasts (
            target VARCHAR NOT NULL, work VARCHAR NOT NULL, made_at TIMESTAMPTZ NOT NULL,
            start_at TIMESTAMPTZ NOT NULL, step_seconds INTEGER NOT NULL, model VARCHAR NOT NULL,
            asked VARCHAR NOT NULL, members VARCHAR NOT NULL, parameters VARCHAR NOT NULL,
            why VARCHAR NOT NULL, means FLOAT[] NOT NULL, bands VARCHAR NOT NULL,
            naive FLOAT[] NOT NULL, state VARCHAR NOT NULL, cpu_seconds DOUBLE NOT NULL)
    """)
    # `mark`: measured, starved (refused for want of money), missing.
    connection.execute("""
        CREATE TABLE truths (
            target VARCHAR NOT NULL, begun_at TIMESTAMPTZ NOT NULL, step_seconds INTEGER NOT NULL,
            value DOUBLE, mark VARCHAR NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE accuracies (
            target VARCHAR NOT NULL, made_at TIMESTAMPTZ NOT NULL, days INTEGER NOT NULL,
            ahead INTEGER NOT NULL, steps INTEGER NOT NULL, one_minus_wape DOUBLE,
            naive_one_minus_wape DOUBLE, noise_floor DOUBLE, skill DOUBLE, coverage80 DOUBLE,
            coverage95 DOUBLE, pinball DOUBLE, bias DOUBLE, drifted BOOLEAN NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE fits (
            key VARCHAR NOT NULL, kind VARCHAR NOT NULL, fitted_at TIMESTAMPTZ NOT NULL,
            document VARCHAR NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE month_forecasts (
            bucket_id VARCHAR NOT NULL, start_at TIMESTAMPTZ NOT NULL,
            end_at TIMESTAMPTZ NOT NULL, made_at TIMESTAMPTZ NOT NULL, document VARCHAR NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE plans (
            pool VARCHAR NOT NULL, planned_at TIMESTAMPTZ NOT NULL, wanted INTEGER NOT NULL,
            reactive INTEGER NOT NULL, predicted INTEGER, allowed INTEGER NOT NULL,
            reason VARCHAR NOT NULL, inputs VARCHAR NOT NULL)
    """)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    first_tables,
    record_tables,
    cost_tables,
    prompt_columns,
    demand_tables,
)


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
