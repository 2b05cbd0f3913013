"""`bills.sqlite3`: exchange rates by day, how long rented machines were on, how many bytes were
measured, what the first month began with, what providers charge, what they were paid ahead.

A file of its own, so that commands work beside the running agent, as with the tokens. What is
spent stands in the ledger alone; this file says why. Moments are UTC epoch seconds, and amounts
are texts of decimals, so that nothing is ever a float.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from data.home import Home
from models.errors import StoreError
from models.messages import say

WAIT_SECONDS = 5.0
"""How long another process that writes is waited for."""

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS day_rates (
        day TEXT PRIMARY KEY NOT NULL, won_per_usd TEXT NOT NULL, won_per_eur TEXT NOT NULL,
        source TEXT NOT NULL, fetched_at REAL NOT NULL)
    """,
    "CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS hours (
        name TEXT NOT NULL, day INTEGER NOT NULL, seconds REAL NOT NULL, booked INTEGER NOT NULL,
        PRIMARY KEY (name, day))
    """,
    """
    CREATE TABLE IF NOT EXISTS openings (
        bucket TEXT NOT NULL, number INTEGER NOT NULL, spent_micro INTEGER NOT NULL,
        PRIMARY KEY (bucket, number))
    """,
    """
    CREATE TABLE IF NOT EXISTS bills (
        provider TEXT NOT NULL, period_start REAL NOT NULL, period_end REAL NOT NULL,
        line_item TEXT NOT NULL, model TEXT NOT NULL, quantity TEXT NOT NULL, unit TEXT NOT NULL,
        amount TEXT NOT NULL, currency TEXT NOT NULL, fetched_at REAL NOT NULL,
        former TEXT NOT NULL,
        PRIMARY KEY (provider, period_start, period_end, line_item, model))
    """,
    """
    CREATE TABLE IF NOT EXISTS cash (
        provider TEXT NOT NULL, currency TEXT NOT NULL, at REAL NOT NULL, amount TEXT NOT NULL,
        typed INTEGER NOT NULL, PRIMARY KEY (provider, currency, at))
    """,
    """
    CREATE TABLE IF NOT EXISTS metered (
        name TEXT NOT NULL, day INTEGER NOT NULL, quantity INTEGER NOT NULL,
        missing_seconds INTEGER NOT NULL, booked INTEGER NOT NULL, PRIMARY KEY (name, day))
    """,
)


@contextmanager
def opened(home: Home) -> Iterator[sqlite3.Connection]:
    """One transaction over the file, which is made for this user alone. Raises StoreError."""
    path = home.bills
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.close(descriptor)
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as file:
            file.execute("PRAGMA synchronous = FULL")
            # Taken at once: two that read first and write then would refuse one another.
            file.execute("BEGIN IMMEDIATE")
            try:
                for statement in SCHEMA:
                    file.execute(statement)
                yield file
            except BaseException:
                file.execute("ROLLBACK")
                raise
            file.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            say(
                "{path}: the bills cannot be read or written ({reason}); check who owns the file "
                "and whether the disk is full; a damaged one may be moved away, and what "
                "providers say is asked for again",
                path=str(path),
                reason=str(error),
            )
        ) from error
