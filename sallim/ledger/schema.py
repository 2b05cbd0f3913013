"""The tables of the ledger, by numbered steps that are ONLY EVER ADDITIVE.

The package is installed into programs that are not upgraded together, and all of them write to
one file. So a step may make a table, an index that is not unique, or a column that has a default
or may be NULL; it never renames, drops, or tightens anything. Writers name their columns. A file
of a newer version is never refused.
"""

from __future__ import annotations

import sqlite3

from sallim.ledger.money_schema import GUARDS, HOLD, MONEY, PROMPTS

JOBS = (
    # `last`: no row has, or ever had, a higher seq, but for rows that are still there. A change
    # takes the highest of all and one more; only who deletes rows writes `last`, before.
    """
    CREATE TABLE sequence (
        one_row INTEGER PRIMARY KEY CHECK (one_row = 1),
        last INTEGER NOT NULL,
        ledger_id TEXT NOT NULL)
    """,
    "INSERT INTO sequence (one_row, last, ledger_id) VALUES (1, 0, lower(hex(randomblob(16))))",
    """
    CREATE TABLE jobs (
        job_id TEXT PRIMARY KEY NOT NULL,
        seq INTEGER NOT NULL,
        parent_id TEXT NOT NULL DEFAULT '',
        name TEXT NOT NULL,
        stage TEXT NOT NULL DEFAULT '',
        key TEXT NOT NULL DEFAULT '',
        host TEXT NOT NULL DEFAULT '',
        pid INTEGER NOT NULL DEFAULT 0,
        process TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL,
        queued_us INTEGER,
        started_us INTEGER,
        ended_us INTEGER,
        duration_us INTEGER,
        error TEXT NOT NULL DEFAULT '',
        updated_us INTEGER NOT NULL)
    """,
    "CREATE UNIQUE INDEX jobs_seq ON jobs (seq)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (JOBS, MONEY, PROMPTS, GUARDS, HOLD)


def migrate(
    connection: sqlite3.Connection, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS
) -> None:
    """Bring the file up to this version, each step in one transaction; a newer one is left alone.

    Several programs may do it at once: the number is read again under the lock.
    """
    while _version(connection) < len(migrations):
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = _version(connection)
            if done < len(migrations):
                for statement in migrations[done]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {done + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
