"""What errors of SQLite mean for us."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import StoreDamaged, StoreError, StoreFull


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
