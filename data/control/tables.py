"""The tables of control.sqlite3. A new one is a new function at the end of MIGRATIONS."""

import sqlite3
from collections.abc import Callable


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


def registry_tables(connection: sqlite3.Connection) -> None:
    """Other machines and heartbeats: columns in the order of the fields of their rows."""
    connection.execute("""
        CREATE TABLE machines (
            name TEXT PRIMARY KEY, kind TEXT NOT NULL, probe TEXT NOT NULL, token TEXT NOT NULL,
            first_seen_at REAL NOT NULL, last_seen_at REAL NOT NULL,
            interval_seconds REAL NOT NULL, state TEXT NOT NULL, since_at REAL NOT NULL,
            off_by TEXT NOT NULL, last_bucket_at INTEGER NOT NULL, version TEXT NOT NULL,
            lost INTEGER NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE pushes (
            machine TEXT NOT NULL, run TEXT NOT NULL, last_seq INTEGER NOT NULL,
            last_at REAL NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (machine, run))
    """)
    connection.execute("""
        CREATE TABLE beats (
            name TEXT PRIMARY KEY, every_seconds REAL NOT NULL, grace_seconds REAL NOT NULL,
            last_at REAL, last_state TEXT NOT NULL, ok_at REAL, message TEXT NOT NULL,
            since_at REAL NOT NULL, token TEXT NOT NULL, checksum INTEGER NOT NULL)
    """)


def session_tables(connection: sqlite3.Connection) -> None:
    """People, and what lets them in: hashes of tokens, never a token."""
    connection.execute("""
        CREATE TABLE people (
            name TEXT PRIMARY KEY, role TEXT NOT NULL, email TEXT NOT NULL,
            added_at REAL NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE links (
            sha256 TEXT PRIMARY KEY, person TEXT NOT NULL, session_seconds INTEGER NOT NULL,
            made_at REAL NOT NULL, expires_at REAL NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE sessions (
            sha256 TEXT PRIMARY KEY, person TEXT NOT NULL, device TEXT NOT NULL,
            address TEXT NOT NULL, made_at REAL NOT NULL, used_at REAL NOT NULL,
            expires_at REAL NOT NULL, remembered INTEGER NOT NULL, checksum INTEGER NOT NULL)
    """)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    account_tables,
    registry_tables,
    session_tables,
)
