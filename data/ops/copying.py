"""Copying what a damaged file still holds into a new one, down to 2,048 rows at a time.

What was copied is noted in the transaction that copies it, so that a child can go on where an
earlier one ended.
"""

# ruff: noqa: S608  Names of tables come from the catalog of a file that periods.py wrote.

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from data.ops.connection import is_disk_full, open_for_salvage
from data.ops.periods import PeriodBook, period_named
from data.ops.rollups import ROLLED_TIERS, Watermarks, refill
from data.ops.schema import migrate
from data.ops.steps import Steps
from data.ops.verify import columns_of, tables_of, tier_of

Connection = duckdb.DuckDBPyConnection

ROWS_A_COPY = 122_880
"""A row group of DuckDB; blocks seldom hold more of a column than that."""
ROWS_LEAST = 2_048
"""A vector of DuckDB: below it nothing can be read on its own."""
HALVED_MAX = 24
"""Ranges of a table that ended a child are halved until there are so many; then left out whole."""
OPENING = "opening"
COPYING = "copying"
NOTES = "salvaged"


class Copying:
    """One child's share of the work, from one source."""

    def __init__(self, target: Path, source: Path, steps: Steps, now: float) -> None:
        self._target = target
        self._source = source
        self._steps = steps
        self._now = now
        steps.take(OPENING)
        self._connection = open_for_salvage(target, source)
        self._done: set[tuple[str, int, int]] = set()

    def run(self) -> None:
        """Raises duckdb.Error when the source cannot be opened, or the disk is full."""
        try:
            if not self._is_copied():
                self._read_notes()
                migrate(self._connection, self._now)
                if self._steps.take(COPYING):
                    self._copy_all()
                self._mark_sealed()
                if self._steps.take("rollups", cpu_seconds=0):
                    mend_rollups(self._connection)
                self._connection.execute(f"DROP TABLE {NOTES}")
            # Done even when an earlier child ended in it: that one may have read what upset it.
            self._steps.take("checkpoint", cpu_seconds=0)
            self._connection.execute("CHECKPOINT")
        finally:
            self._connection.close()

    def _is_copied(self) -> bool:
        """Whether an earlier child came as far as the checkpoint: notes are made first."""
        tables = tables_of(self._connection)
        return bool(tables) and NOTES not in tables

    def _read_notes(self) -> None:
        self._connection.execute(f"""
            CREATE TABLE IF NOT EXISTS {NOTES} (
                table_name VARCHAR NOT NULL, start BIGINT NOT NULL, stop BIGINT NOT NULL)
        """)
        self._done = set(self._connection.execute(f"SELECT * FROM {NOTES}").fetchall())

    def _copy_all(self) -> None:
        for table in tables_of(self._connection):
            if table not in ("migrations", "periods", NOTES) and tier_of(table) is None:
                self._copy(table)
        for table in tables_of(self._connection, "damaged"):
            if tier_of(table) is not None:
                self._copy_period(table)

    def _copy_period(self, table: str) -> None:
        tier = tier_of(table)
        assert tier is not None, "only tables of periods are handed in"
        period = period_named(tier, table)
        with self._transaction():
            PeriodBook(self._connection).ensure(self._connection, tier, period.first_at)
        self._copy(table)

    def _copy(self, table: str) -> None:
        if not self._steps.take(f"columns of {table}"):
            return
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
        if (table, start, stop) in self._done:
            return
        is_fatal = not self._steps.take(f"rows {start} to {stop} of {table}")
        if not is_fatal:
            try:
                self._insert(table, columns, start, stop)
            except duckdb.Error as error:
                if is_disk_full(error):
                    raise
                if isinstance(error, duckdb.FatalException | duckdb.InternalException):
                    self._reconnect()
            else:
                return
        if stop - start > ROWS_LEAST and not (is_fatal and self._is_hopeless(table)):
            middle = (start + stop) // 2 // ROWS_LEAST * ROWS_LEAST
            self._copy_range(table, columns, start, middle)
            self._copy_range(table, columns, middle, stop)

    def _is_hopeless(self, table: str) -> bool:
        return sum(step.endswith(f" of {table}") for step in self._steps.fatal) > HALVED_MAX

    def _insert(self, table: str, columns: str, start: int, stop: int) -> None:
        with self._transaction():
            copied = self._connection.execute(
                f"""
                INSERT INTO {table} ({columns})
                SELECT {columns} FROM damaged.{table} WHERE rowid >= {start} AND rowid < {stop}
                """
            ).fetchone()
            # Nothing can be copied once more without a note.
            if copied is not None and copied[0]:
                note = [table, start, stop]
                self._connection.execute(f"INSERT INTO {NOTES} VALUES (?, ?, ?)", note)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
            self._connection.execute("COMMIT")
        except duckdb.Error:
            with suppress(duckdb.Error):
                self._connection.execute("ROLLBACK")
            raise

    def _reconnect(self) -> None:
        with suppress(duckdb.Error):
            self._connection.close()
        self._connection = open_for_salvage(self._target, self._source)

    def _mark_sealed(self) -> None:
        # Where this cannot be read, periods are sealed once more: work, and no loss.
        if self._steps.take("sealed periods"):
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
