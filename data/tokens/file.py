"""The file of the tokens: its one table, and opening it for one transaction."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from data.home import Home
from models.errors import StoreError
from sallim.ledger.money_rows import IMPORTANT

SCHEMA = """
    CREATE TABLE IF NOT EXISTS tokens (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
        created_at REAL NOT NULL, last_used_at REAL, revoked_at REAL)
"""
ADDED = {
    "scopes": "TEXT NOT NULL DEFAULT 'metrics'",
    "priority": f"TEXT NOT NULL DEFAULT '{IMPORTANT}'",
    "workflow": "TEXT NOT NULL DEFAULT ''",
    "expires_at": "REAL",
    "suspended_at": "REAL",
}
"""Columns that older files do not have. What there was before tokens were for something was for
metrics."""


@contextmanager
def opened(home: Home, wait_seconds: float) -> Iterator[sqlite3.Connection]:
    """One transaction over the file, which is made for this user alone. Raises StoreError."""
    try:
        _make_file(home)
        with closing(sqlite3.connect(home.tokens, timeout=wait_seconds)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            with connection:
                _bring_up_to_date(connection)
                yield connection
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{home.tokens}: the tokens cannot be read or written ({error}). Check who owns the "
            "file and the room on the disk; if it is damaged, remove it and make new tokens."
        ) from error


def _make_file(home: Home) -> None:
    """For the owner of the home alone, also where root runs the command for a service."""
    handle = os.open(home.tokens, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.geteuid() == 0:
            owner = home.path.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
    finally:
        os.close(handle)


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    connection.execute(SCHEMA)
    known = {row[1] for row in connection.execute("PRAGMA table_info(tokens)")}
    for column, kind in ADDED.items():
        if column not in known:
            # Another process may have added the column a moment ago.
            with suppress(sqlite3.OperationalError):
                connection.execute(f"ALTER TABLE tokens ADD COLUMN {column} {kind}")
