"""The open DuckDB file: one connection that writes, a few cursors that read, and reopening.

After a fatal error (a checkpoint met a full disk, a block failed its checksum) DuckDB answers
nothing more until every connection is closed and the file is opened again. Committed rows stay.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from data.ops.connection import is_disk_full, open_for_looking, open_for_writing, told_apart
from models.errors import StoreError

READERS_WAIT_SECONDS = 10.0


class Database:
    """Owns the connections. `write` is for one thread at a time, `reading` for any number."""

    def __init__(
        self, path: Path, connection: duckdb.DuckDBPyConnection, *, is_writable: bool = True
    ) -> None:
        self.path = path
        self.is_writable = is_writable
        self.connection = connection
        self._changed = threading.Condition()
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._busy: list[duckdb.DuckDBPyConnection] = []
        self._open = True

    @property
    def is_open(self) -> bool:
        return self._open

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of one's own for one query. Raises StoreError while the file is closed."""
        cursor = self._take()
        try:
            yield cursor
        finally:
            self._give_back(cursor)

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Everything in the body is committed together, or nothing."""
        self.connection.execute("BEGIN")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):
                self.connection.execute("ROLLBACK")
            raise

    def reopen(self) -> None:
        """Close everything and open the file again; while the disk is full, for reading only.

        Raises StoreDamaged, StoreError.
        """
        self.close()
        try:
            self.connection, self.is_writable = open_somehow(self.path)
        except duckdb.Error as error:
            raise told_apart(self.path, error) from error
        with self._changed:
            self._open = True

    def close(self) -> None:
        """Stop the readers and close the file; its WAL is folded in."""
        with self._changed:
            self._open = False
            for cursor in self._busy:
                cursor.interrupt()
            self._changed.wait_for(lambda: not self._busy, READERS_WAIT_SECONDS)
            for cursor in self._idle:
                cursor.close()
            self._idle.clear()
        with suppress(duckdb.Error):
            self.connection.close()

    def _take(self) -> duckdb.DuckDBPyConnection:
        with self._changed:
            if not self._open:
                raise StoreError(f"{self.path}: it is being opened again. Ask again in a moment.")
            cursor = self._idle.pop() if self._idle else self.connection.cursor()
            self._busy.append(cursor)
            return cursor

    def _give_back(self, cursor: duckdb.DuckDBPyConnection) -> None:
        with self._changed:
            self._busy.remove(cursor)
            if self._open:
                self._idle.append(cursor)
            else:
                cursor.close()
            self._changed.notify_all()


def open_somehow(path: Path) -> tuple[duckdb.DuckDBPyConnection, bool]:
    """Open for writing or, where a full disk forbids that, for reading; and which of the two."""
    try:
        return open_for_writing(path), True
    except duckdb.Error as error:
        if not is_disk_full(error) or not path.exists():
            raise
        return open_for_looking(path), False
