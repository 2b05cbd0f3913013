"""`control.sqlite3`: what must never be lost and nobody but the agent may touch.

SQLite in WAL mode with `synchronous=FULL`: a transaction that returned is on the disk. It begins
with the account of the store: every flush is written here AFTER its rows were committed to
DuckDB, and that is its acknowledgement. SQLite keeps no checksums, so each row carries its own.

A new table is a new function at the end of MIGRATIONS, written through `transaction()`.
"""

# ruff: noqa: S608  The names of tables in SQL are constants of this file.

import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import StoreDamaged, StoreError, StoreFull


class Flush(NamedTuple):
    """Rows that were committed together, all of one UTC day; times are UTC epoch seconds."""

    seq: int
    row_count: int
    first_at: int
    last_at: int
    rows_lost: int = 0


class FlushDay(NamedTuple):
    """Sum of the flushes of a UTC day (epoch seconds of its start) whose rows are dropped."""

    day_at: int
    flushes: int
    row_count: int
    rows_lost: int
    first_seq: int
    last_seq: int


class Loss(NamedTuple):
    """Rows that were acknowledged and are gone.

    Raw rows are named by the flushes `first_seq`..`last_seq` that brought them; rows of a
    rollup table have none. `quarantine` is the folder of the damaged files, or "".
    """

    found_at: int
    table_name: str
    first_seq: int | None
    last_seq: int | None
    rows_lost: int
    first_at: int
    last_at: int
    cause: str
    quarantine: str


class PeriodRows(NamedTuple):
    """How many rows a table held when it was last counted."""

    table_name: str
    row_count: int
    first_at: int
    end_at: int


class SeriesRow(NamedTuple):
    """A row of DuckDB's table `series`, kept twice: without it, no sample has a name."""

    id: int
    machine: str
    name: str
    unit: str
    labels: str
    created_at: int


ROWS: dict[str, type[Flush | FlushDay | Loss | PeriodRows | SeriesRow]] = {
    "flushes": Flush,
    "flush_days": FlushDay,
    "losses": Loss,
    "period_rows": PeriodRows,
    "series": SeriesRow,
}
"""Tables whose rows carry a checksum, and what a row is.

Only these are carried over when a damaged file is made anew (`data/ops/control_opening.py`).
"""


def account_tables(connection: sqlite3.Connection) -> None:
    connection.execute("""
        CREATE TABLE flushes (
            seq INTEGER PRIMARY KEY, row_count INTEGER NOT NULL, first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL, rows_lost INTEGER NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE flush_days (
            day_at INTEGER PRIMARY KEY, flushes INTEGER NOT NULL, row_count INTEGER NOT NULL,
            rows_lost INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
            checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE losses (
            found_at INTEGER NOT NULL, table_name TEXT NOT NULL, first_seq INTEGER,
            last_seq INTEGER, rows_lost INTEGER NOT NULL, first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL, cause TEXT NOT NULL, quarantine TEXT NOT NULL,
            checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE period_rows (
            table_name TEXT PRIMARY KEY, row_count INTEGER NOT NULL, first_at INTEGER NOT NULL,
            end_at INTEGER NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE series (
            id INTEGER PRIMARY KEY, machine TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL,
            labels TEXT NOT NULL, created_at INTEGER NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL)")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (account_tables,)

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
        return [Flush(*row[:-1]) for row in self._rows("flushes", "seq")]

    def flush_days(self) -> list[FlushDay]:
        return [FlushDay(*row[:-1]) for row in self._rows("flush_days", "day_at")]

    def losses(self) -> list[Loss]:
        return [Loss(*row[:-1]) for row in self._rows("losses", "rowid")]

    def period_rows(self) -> list[PeriodRows]:
        return [PeriodRows(*row[:-1]) for row in self._rows("period_rows", "table_name")]

    def series(self) -> list[SeriesRow]:
        return [SeriesRow(*row[:-1]) for row in self._rows("series", "id")]

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

    def _rows(self, table: str, order: str) -> list[tuple[Any, ...]]:
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


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Insert or replace rows with their checksums. In a transaction."""
    for row in rows:
        marks = ", ".join("?" * (len(row) + 1))
        sql = f"INSERT OR REPLACE INTO {table} VALUES ({marks})"
        connection.execute(sql, [*row, checksum_of(row)])


def checksum_of(row: Sequence[object]) -> int:
    return zlib.crc32(repr(tuple(row)).encode())


def is_intact(row: Sequence[object]) -> bool:
    """Whether the last column of a row is the checksum of the others."""
    return bool(row[-1] == checksum_of(row[:-1]))


@contextmanager
def told_apart(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into ours: full, damaged, locked."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # The extended code ends with the primary one.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise StoreFull(f"{path}: the disk is full. Make room on it.") from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreError(
                f"{path}: another process holds it. End that process, then start again."
            ) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise StoreError(
                f"{path}: cannot be written ({error}). Check who owns the folder and its files."
            ) from error
        raise StoreDamaged(f"{path}: {error}") from error
