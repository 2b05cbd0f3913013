"""Rollups: raw rows folded into `samples_1m` and `samples_10m`, each row exactly once.

Both tiers are folded from raw rows, so a rollup of rollups and a rollup of the raw agree. For
each tier `rollups.rolled_before` says up to where; it moves in the transaction of the fold, so a
file that lost its last transactions folds again by itself.

A row that comes too late (its bucket is folded already: a slow source, a probe that was cut off,
a wall clock that stepped back) is merged into the rollups in the transaction that writes it. A
wall clock that stepped back by more than an hour also moves `rolled_before` back, and
`rolled_back` remembers which rows (by seq) are folded beyond it.
"""

# ruff: noqa: S608  Names of tables are made by periods.py out of a tier and a date.

import duckdb

from data.control import Flush
from data.ops.periods import Period, PeriodBook
from models.rollups import bucket_start
from models.tiers import HOUR_SECONDS, MINUTE, RAW, TEN_MINUTES, Tier

ROLLED_TIERS = (MINUTE, TEN_MINUTES)
GRACE_SECONDS = 90
"""A bucket is folded this long after its end: the slowest collectors run every 30 s."""
STEP_SECONDS = HOUR_SECONDS
"""Longest stretch folded in one transaction, so that it fits in memory and a tick stays short."""
STEPS_MAX = 6

Connection = duckdb.DuckDBPyConnection


class Watermarks:
    """`rolled_before` of each tier in memory; `reload` after a transaction was rolled back."""

    def __init__(self, connection: Connection) -> None:
        self._before: dict[str, int] = {}
        self.reload(connection)

    def reload(self, connection: Connection) -> None:
        rows = connection.execute(
            "SELECT tier, epoch(rolled_before)::BIGINT FROM rollups"
        ).fetchall()
        self._before = dict(rows)

    def of(self, tier: Tier) -> int | None:
        """Buckets that start before this moment are folded; None before the first fold."""
        return self._before.get(tier.view)

    def move(self, connection: Connection, tier: Tier, before: int) -> None:
        # An UPDATE: a DELETE and an INSERT every minute would leave dead rows behind.
        sql = "UPDATE rollups SET rolled_before = to_timestamp(?) WHERE tier = ?"
        if tier.view not in self._before:
            sql = "INSERT INTO rollups (rolled_before, tier) VALUES (to_timestamp(?), ?)"
        connection.execute(sql, [before, tier.view])
        connection.execute(
            "DELETE FROM rolled_back WHERE tier = ? AND before <= to_timestamp(?)",
            [tier.view, before],
        )
        self._before[tier.view] = before


def due(marks: Watermarks, tier: Tier, now: float) -> int | None:
    """Up to where the tier should be folded by now; None when it is."""
    until = bucket_start(now - GRACE_SECONDS, tier.step_seconds)
    before = marks.of(tier)
    return until if before is None or before < until else None


def roll(
    connection: Connection, periods: PeriodBook, marks: Watermarks, tier: Tier, until: int
) -> bool:
    """Fold one stretch towards `until`; False when all is folded. In a transaction."""
    since = _next_unrolled(connection, periods, marks.of(tier), tier)
    if since is None or since >= until:
        # Also before the first fold: the look for rows would else be made at every tick.
        marks.move(connection, tier, until)
        return False
    raw = periods.existing(RAW, since)
    assert raw is not None, "the next row that is not folded lies in a raw table"
    stop = min(until, since + STEP_SECONDS, raw.end_at)
    target = periods.ensure(connection, tier, since)
    fold(connection, raw, target, (since, stop), 0)
    marks.move(connection, tier, stop)
    return stop < until


def merge_late(
    connection: Connection,
    periods: PeriodBook,
    marks: Watermarks,
    raw: Period,
    flush: Flush,
) -> None:
    """Merge the rows of one flush whose buckets are folded already. In its transaction."""
    for tier in ROLLED_TIERS:
        before = marks.of(tier)
        if before is not None and flush.first_at < before:
            since = bucket_start(flush.first_at, tier.step_seconds)
            target = periods.ensure(connection, tier, raw.first_at)
            fold(connection, raw, target, (since, before), flush.seq)


def refill(connection: Connection, periods: PeriodBook, marks: Watermarks, tier: Tier) -> None:
    """Fold raw rows anew where a rollup that should exist does not. In a transaction."""
    before = marks.of(tier)
    if before is None:
        return
    for raw in periods.of(RAW):
        target = periods.ensure(connection, tier, raw.first_at)
        for since in range(raw.first_at, min(raw.end_at, before), STEP_SECONDS):
            stop = min(since + STEP_SECONDS, before)
            connection.execute(
                f"""
                INSERT INTO {target.table}
                SELECT {bucket_of(tier)} AS bucket, series_id,
                       sum(mean::DOUBLE * n) / sum(n), min(min), max(max), sum(n)
                FROM {raw.table} AS raw
                WHERE taken_at >= to_timestamp($1) AND taken_at < to_timestamp($2)
                  AND NOT EXISTS (
                      SELECT 1 FROM {target.table} AS kept
                      WHERE kept.taken_at >= to_timestamp($1) AND kept.taken_at < to_timestamp($2)
                        AND kept.taken_at = {bucket_of(tier, "raw.")}
                        AND kept.series_id = raw.series_id)
                GROUP BY ALL
                """,
                [since, stop],
            )


def bucket_of(tier: Tier, table: str = "") -> str:
    """SQL for the start of the bucket in which a row falls."""
    width = tier.step_seconds * 1_000_000
    return f"make_timestamptz(epoch_us({table}taken_at) // {width} * {width})"


def step_back(
    connection: Connection, marks: Watermarks, tier: Tier, now: float, last_seq: int
) -> None:
    """Follow a wall clock that stepped back far; what is folded beyond stays so. In a transaction.

    Without it, every row would be late until the clock has caught up.
    """
    before = marks.of(tier)
    assert before is not None, "only a watermark that exists can be ahead of the clock"
    connection.execute(
        "INSERT INTO rolled_back VALUES (?, to_timestamp(?), ?)", [tier.view, before, last_seq]
    )
    marks.move(connection, tier, bucket_start(now - GRACE_SECONDS, tier.step_seconds))


def is_far_ahead(marks: Watermarks, tier: Tier, now: float) -> bool:
    before = marks.of(tier)
    return before is not None and before > now + HOUR_SECONDS


def fold(
    connection: Connection, raw: Period, target: Period, span: tuple[int, int], first_seq: int
) -> None:
    """Fold raw rows of `span` brought by `first_seq` or later into a table of rollups.

    Rollups that exist already for one of these buckets and series are merged, not doubled.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE folding AS
        WITH fresh AS (
            SELECT {bucket_of(target.tier)} AS taken_at,
                   series_id, sum(mean::DOUBLE * n) AS total, min(min) AS min, max(max) AS max,
                   sum(n) AS n
            FROM {raw.table} AS raw
            WHERE taken_at >= to_timestamp($1) AND taken_at < to_timestamp($2) AND seq >= $3
              AND NOT EXISTS (
                  SELECT 1 FROM rolled_back AS done
                  WHERE done.tier = '{target.tier.view}' AND raw.taken_at < done.before
                    AND raw.seq <= done.last_seq)
            GROUP BY ALL
        )
        SELECT fresh.taken_at, fresh.series_id,
               (fresh.total + coalesce(old.mean::DOUBLE * old.n, 0))
                   / (fresh.n + coalesce(old.n, 0)) AS mean,
               least(fresh.min, old.min) AS min, greatest(fresh.max, old.max) AS max,
               fresh.n + coalesce(old.n, 0) AS n, old.n IS NOT NULL AS merged
        FROM fresh LEFT JOIN {target.table} AS old
             ON old.taken_at = fresh.taken_at AND old.series_id = fresh.series_id
             AND old.taken_at >= to_timestamp($1) AND old.taken_at < to_timestamp($2)
        """,
        [*span, first_seq],
    )
    connection.execute(
        f"""
        DELETE FROM {target.table} AS old USING folding
        WHERE folding.merged AND old.taken_at = folding.taken_at
          AND old.series_id = folding.series_id
        """
    )
    connection.execute(f"INSERT INTO {target.table} SELECT * EXCLUDE (merged) FROM folding")
    connection.execute("DROP TABLE folding")


def _next_unrolled(
    connection: Connection, periods: PeriodBook, before: int | None, tier: Tier
) -> int | None:
    """Start of the first bucket at or after `before` that has raw rows; None without any."""
    for raw in periods.of(RAW):
        if before is None or raw.end_at > before:
            row = connection.execute(
                f"SELECT epoch(min(taken_at))::BIGINT FROM {raw.table}"
                " WHERE taken_at >= to_timestamp(?)",
                [before or 0],
            ).fetchone()
            if row is not None and row[0] is not None:
                return bucket_start(row[0], tier.step_seconds)
    return None
