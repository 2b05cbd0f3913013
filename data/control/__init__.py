"""`control.sqlite3`: what must never be lost and nobody but the agent may touch.

SQLite in WAL mode with `synchronous=FULL`: a transaction that returned is on the disk. It begins
with the account of the store: every flush is written here AFTER its rows were committed to
DuckDB, and that is its acknowledgement. SQLite keeps no checksums, so each row carries its own.

A new table is a new function at the end of MIGRATIONS, written through `transaction()`; what is
kept beside the account has a module of its own, like `data/registry.py`.
"""

# ruff: noqa: S608  The names of tables in SQL are constants of this package.

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from data.control.rows import (
    ROWS,
    Flush,
    FlushDay,
    Loss,
    PeriodRows,
    SeriesRow,
    checksum_of,
    insert,
    is_intact,
)
from data.control.tables import MIGRATIONS
from data.control.trouble import told_apart
from models.errors import StoreDamaged, StoreError

__all__ = [
    "MIGRATIONS",
    "ROWS",
    "Control",
    "Flush",
    "FlushDay",
    "Loss",
    "PeriodRows",
    "SeriesRow",
    "checksum_of",
    "insert",
    "is_intact",
]

FLUSH_DAYS_KEPT = 400


class Control:
    """The agent's one connection; may be used from several threads."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path) -> "Control":
        """Open and check the file; it is made when there is none.

        Raises StoreDamaged when a page or a row is not as it was written, StoreFull when the
        disk has no room to make it, StoreError when another process or a newer version has it.
        """
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        control = cls(path, connection)
        try:
            with told_apart(path):
                # Exclusive: nobody else may touch it, and it then opens on a full disk too,
                # where there is no room for the shared-memory file of a WAL.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                path.chmod(0o600)
                control._migrate()
                control._check()
        except BaseException:
            connection.close()
            raise
        return control

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything in the body is committed together, or nothing. Raises StoreFull."""
        with self._lock, told_apart(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A failed COMMIT may have ended the transaction by itself.
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _migrate(self) -> None:
        done = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if done > len(MIGRATIONS):
            raise StoreError(
                f"{self.path} was written by a newer version (step {done}; this version knows "
                f"{len(MIGRATIONS)}). Install that version again, or start with another home."
            )
        for number, step in enumerate(MIGRATIONS[done:], start=done + 1):
            with self.transaction() as connection:
                step(connection)
                connection.execute(f"PRAGMA user_version = {number}")

    def _check(self) -> None:
        found = self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise StoreDamaged(f"{self.path}: {found}")
        for table in ROWS:
            for row in self._connection.execute(f"SELECT * FROM {table}"):
                if not is_intact(row):
                    raise StoreDamaged(f"{self.path}: a row of {table} is not as it was written")

    # --- the account of the store -----------------------------------------------------------

    def acknowledge(self, flushes: Iterable[Flush], series: Iterable[SeriesRow] = ()) -> None:
        """Write down flushes whose rows are in DuckDB, with the series that came with them.

        When this returns, it is on the disk.
        """
        with self.transaction() as connection:
            insert(connection, "flushes", flushes)
            insert(connection, "series", series)

    def flushes(self) -> list[Flush]:
        """Acknowledged flushes whose raw table is not dropped, by seq."""
        return [Flush(*row[:-1]) for row in self.rows("flushes", "seq")]

    def flush_days(self) -> list[FlushDay]:
        return [FlushDay(*row[:-1]) for row in self.rows("flush_days", "day_at")]

    def losses(self) -> list[Loss]:
        return [Loss(*row[:-1]) for row in self.rows("losses", "rowid")]

    def period_rows(self) -> list[PeriodRows]:
        return [PeriodRows(*row[:-1]) for row in self.rows("period_rows", "table_name")]

    def series(self) -> list[SeriesRow]:
        return [SeriesRow(*row[:-1]) for row in self.rows("series", "id")]

    def forget_series(self, ids: Iterable[int]) -> None:
        with self.transaction() as connection:
            connection.executemany("DELETE FROM series WHERE id = ?", [(each,) for each in ids])

    def last_seq(self) -> int:
        """The highest seq that was ever acknowledged, 0 before the first."""
        with self._lock, told_apart(self.path):
            row = self._connection.execute("""
                SELECT max(coalesce((SELECT max(seq) FROM flushes), 0),
                           coalesce((SELECT max(last_seq) FROM flush_days), 0))
            """).fetchone()
        return int(row[0])

    def note_period_rows(self, periods: Iterable[PeriodRows]) -> None:
        """Remember how many rows the tables of rollups hold, should one be damaged."""
        with self.transaction() as connection:
            insert(connection, "period_rows", periods)

    def retire(self, table_name: str, day_at: int | None) -> None:
        """A table is about to be dropped: expect its rows no longer.

        `day_at` is the UTC day of a raw table; its flushes become one sum. This comes before
        the DROP: a crash between the two leaves rows that nobody expects, and never the opposite.
        """
        with self.transaction() as connection:
            connection.execute("DELETE FROM period_rows WHERE table_name = ?", [table_name])
            if day_at is not None:
                _fold_day(connection, day_at)

    def record_losses(self, losses: Sequence[Loss], flushes: Iterable[Flush]) -> None:
        """Write down what is gone, and the flushes with their `rows_lost` brought up to date."""
        with self.transaction() as connection:
            insert(connection, "losses", losses)
            insert(connection, "flushes", flushes)

    def state(self, key: str) -> str | None:
        with self._lock, told_apart(self.path):
            sql = "SELECT value FROM state WHERE key = ?"
            row = self._connection.execute(sql, [key]).fetchone()
        return None if row is None else str(row[0])

    def set_state(self, key: str, value: str) -> None:
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [key, value])

    def clear_state(self, key: str) -> None:
        if self.state(key) is not None:
            with self.transaction() as connection:
                connection.execute("DELETE FROM state WHERE key = ?", [key])

    def rows(self, table: str, order: str) -> list[tuple[Any, ...]]:
        """Every row of one of our tables, its checksum last."""
        with self._lock, told_apart(self.path):
            sql = f"SELECT * FROM {table} ORDER BY {order}"
            return self._connection.execute(sql).fetchall()


def _fold_day(connection: sqlite3.Connection, day_at: int) -> None:
    span = [day_at, day_at + 86_400]
    where = "WHERE first_at >= ? AND first_at < ?"
    fresh = connection.execute(
        f"""
        SELECT count(*), sum(row_count), sum(rows_lost), min(seq), max(seq)
        FROM flushes {where}
        """,
        span,
    ).fetchone()
    if not fresh[0]:
        return
    old = connection.execute("SELECT * FROM flush_days WHERE day_at = ?", [day_at]).fetchone()
    if old is not None:
        before = FlushDay(*old[:-1])
        sums = (a + b for a, b in zip(before[1:4], fresh[:3], strict=True))
        fresh = (*sums, min(before.first_seq, fresh[3]), max(before.last_seq, fresh[4]))
    insert(connection, "flush_days", [FlushDay(day_at, *fresh)])
    connection.execute(f"DELETE FROM flushes {where}", span)
    connection.execute(
        """
        DELETE FROM flush_days
        WHERE day_at < ? AND last_seq < (SELECT max(last_seq) FROM flush_days)
        """,
        [day_at - FLUSH_DAYS_KEPT * 86_400],
    )
