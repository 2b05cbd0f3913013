"""Salvage: what a damaged file still holds is copied into a new one, down to 2,048 rows at a time.

The damaged file stays in its place, read-only, until the new one is complete; three renames put
the new one there (`finish`), and whichever of them a crash prevents is made up at the next start.
"""

# ruff: noqa: S608  Names of tables come from the catalog of a file that periods.py wrote.

import os
from contextlib import suppress
from pathlib import Path

import duckdb

from data.ops.connection import is_disk_full, open_for_salvage, wal_of
from data.ops.periods import PeriodBook, period_named
from data.ops.quarantine import Quarantine
from data.ops.rollups import ROLLED_TIERS, Watermarks, refill
from data.ops.schema import migrate
from data.ops.verify import columns_of, tables_of, tier_of

Connection = duckdb.DuckDBPyConnection

ROWS_A_COPY = 122_880
"""A row group of DuckDB; blocks seldom hold more of a column than that."""
ROWS_LEAST = 2_048
"""A vector of DuckDB: below it nothing can be read on its own."""


def salvage(path: Path, now: float) -> bool:
    """Copy what can be read of `path` into a complete new file; False when nothing can.

    Raises duckdb.Error when the disk has no room for a second file.
    """
    unfinished = unfinished_of(path)
    alone = hard_link(path)
    try:
        for source in (path, alone):
            _remove(unfinished)
            try:
                _Salvage(unfinished, source, now).run()
            except duckdb.Error as error:
                if is_disk_full(error):
                    _remove(unfinished)
                    raise
            else:
                unfinished.rename(complete_of(path))
                return True
        _remove(unfinished)
        return False
    finally:
        alone.unlink(missing_ok=True)


def finish(path: Path, quarantine: Quarantine, reason: str) -> None:
    """Move the damaged file away and the complete new one, if there is one, in its place."""
    quarantine.move(path, reason)
    quarantine.move(wal_of(path), reason)
    if complete_of(path).exists():
        complete_of(path).rename(path)


def unfinished_of(path: Path) -> Path:
    return path.with_name(path.name + ".salvaging")


def complete_of(path: Path) -> Path:
    return path.with_name(path.name + ".salvaged")


def hard_link(path: Path) -> Path:
    """The same file under a name beside which there is no WAL."""
    alone = path.with_name(path.name + ".alone")
    _remove(alone)
    os.link(path, alone)
    return alone


class _Salvage:
    """One attempt, from one source."""

    def __init__(self, target: Path, source: Path, now: float) -> None:
        self._target = target
        self._source = source
        self._now = now
        self._connection = open_for_salvage(target, source)

    def run(self) -> None:
        try:
            migrate(self._connection, self._now)
            for table in tables_of(self._connection):
                if table not in ("migrations", "periods"):
                    self._copy(table)
            for table in tables_of(self._connection, "damaged"):
                if tier_of(table) is not None:
                    self._copy_period(table)
            self._mark_sealed()
            mend_rollups(self._connection)
            self._connection.execute("CHECKPOINT")
        finally:
            self._connection.close()

    def _copy_period(self, table: str) -> None:
        tier = tier_of(table)
        assert tier is not None, "only tables of periods are handed in"
        period = period_named(tier, table)
        PeriodBook(self._connection).ensure(self._connection, tier, period.first_at)
        self._copy(table)

    def _copy(self, table: str) -> None:
        theirs = columns_of(self._connection, table, "damaged")
        shared = [c for c in columns_of(self._connection, table) if c in theirs]
        if not shared:
            return
        size = self._connection.execute(
            """
            SELECT estimated_size FROM duckdb_tables()
            WHERE database_name = 'damaged' AND table_name = ?
            """,
            [table],
        ).fetchone()
        # Rows of a replayed WAL have ids beyond those of the file; twice the size covers them.
        until = 2 * (size[0] if size else 0) + ROWS_A_COPY
        for start in range(0, until, ROWS_A_COPY):
            self._copy_range(table, ", ".join(shared), start, start + ROWS_A_COPY)

    def _copy_range(self, table: str, columns: str, start: int, stop: int) -> None:
        """Copy rows by their ids; where that fails, each half for itself."""
        try:
            self._connection.execute(
                f"""
                INSERT INTO {table} ({columns})
                SELECT {columns} FROM damaged.{table} WHERE rowid >= {start} AND rowid < {stop}
                """
            )
        except duckdb.Error as error:
            if is_disk_full(error):
                raise
            if isinstance(error, duckdb.FatalException | duckdb.InternalException):
                self._reconnect()
            if stop - start > ROWS_LEAST:
                middle = (start + stop) // 2 // ROWS_LEAST * ROWS_LEAST
                self._copy_range(table, columns, start, middle)
                self._copy_range(table, columns, middle, stop)

    def _reconnect(self) -> None:
        with suppress(duckdb.Error):
            self._connection.close()
        self._connection = open_for_salvage(self._target, self._source)

    def _mark_sealed(self) -> None:
        # Where this cannot be read, periods are sealed once more: work, and no loss.
        with suppress(duckdb.Error):
            self._connection.execute("""
                UPDATE periods SET sealed = true WHERE table_name IN (
                    SELECT table_name FROM damaged.periods WHERE sealed)
            """)


def mend_rollups(connection: Connection) -> None:
    """Make the watermarks fit the rollups that were saved, and fold what raw rows still allow."""
    periods = PeriodBook(connection)
    marks = Watermarks(connection)
    for tier in ROLLED_TIERS:
        connection.execute("BEGIN")
        last = connection.execute(
            f"SELECT epoch(max(taken_at))::BIGINT FROM {tier.view}"
        ).fetchone()
        if last is not None and last[0] is not None:
            before = last[0] + tier.step_seconds
            if before > (marks.of(tier) or 0):
                marks.move(connection, tier, before)
        refill(connection, periods, marks, tier)
        connection.execute("COMMIT")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    wal_of(path).unlink(missing_ok=True)
