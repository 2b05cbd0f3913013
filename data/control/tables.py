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


def budget_tables(connection: sqlite3.Connection) -> None:
    """Columns in the order of the fields of their rows, in models/budget."""
    connection.execute("""
        CREATE TABLE overrides (
            override_id TEXT PRIMARY KEY, bucket_id TEXT NOT NULL, delta_krw INTEGER NOT NULL,
            reason TEXT NOT NULL, by_whom TEXT NOT NULL, created_at REAL NOT NULL,
            expires_at REAL NOT NULL, revoked_at REAL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE budget_told (
            bucket_id TEXT NOT NULL, start_us INTEGER NOT NULL, version INTEGER NOT NULL,
            kind TEXT NOT NULL, threshold_ppm INTEGER NOT NULL, once TEXT NOT NULL,
            end_us INTEGER NOT NULL, cap_micro INTEGER NOT NULL, spent_micro INTEGER NOT NULL,
            call_id TEXT NOT NULL, at_us INTEGER NOT NULL, told_at REAL NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (bucket_id, start_us, version, kind, threshold_ppm, once))
    """)
    connection.execute("""
        CREATE TABLE budget_stops (
            bucket_id TEXT PRIMARY KEY, start_us INTEGER NOT NULL, version INTEGER NOT NULL,
            state TEXT NOT NULL, targets TEXT NOT NULL, stop_id TEXT NOT NULL,
            ordered_at REAL NOT NULL, checksum INTEGER NOT NULL)
    """)


def stop_tables(connection: sqlite3.Connection) -> None:
    """What is wanted of each target, and the journal of what was done for it."""
    connection.execute("""
        CREATE TABLE wanted (
            target TEXT NOT NULL, wanted_by TEXT NOT NULL, state TEXT NOT NULL,
            reason TEXT NOT NULL, until REAL, set_at REAL NOT NULL, checksum INTEGER NOT NULL,
            PRIMARY KEY (target, wanted_by))
    """)
    connection.execute("""
        CREATE TABLE stops (
            seq INTEGER PRIMARY KEY, batch TEXT NOT NULL, target TEXT NOT NULL,
            verb TEXT NOT NULL, ordered_by TEXT NOT NULL, reason TEXT NOT NULL,
            state TEXT NOT NULL, attempt INTEGER NOT NULL, problem TEXT NOT NULL,
            planned_at REAL NOT NULL, changed_at REAL NOT NULL, checksum INTEGER NOT NULL)
    """)


def request_tables(connection: sqlite3.Connection) -> None:
    """What people ask for, and the chain of who asked: columns in the order of their rows."""
    connection.execute("""
        CREATE TABLE nonces (
            nonce_sha256 TEXT PRIMARY KEY, bound_to TEXT NOT NULL, binding TEXT NOT NULL,
            issued_at_us INTEGER NOT NULL, used_at_us INTEGER NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE requests (
            request_id TEXT PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL,
            args TEXT NOT NULL, reason TEXT NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL,
            via TEXT NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL,
            asked_at_us INTEGER NOT NULL, changed_at_us INTEGER NOT NULL, message TEXT NOT NULL,
            checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE standing_orders (
            request_id TEXT PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL,
            ordered_by TEXT NOT NULL, reason TEXT NOT NULL, since_at INTEGER NOT NULL,
            until_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, step TEXT NOT NULL,
            request_id TEXT NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL, via TEXT NOT NULL,
            address TEXT NOT NULL, what TEXT NOT NULL, target TEXT NOT NULL,
            before TEXT NOT NULL, after TEXT NOT NULL, result TEXT NOT NULL,
            prev_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE audit_head (
            id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, sha256 TEXT NOT NULL,
            checksum INTEGER NOT NULL)
    """)


def outbox_tables(connection: sqlite3.Connection) -> None:
    """What people are told, and the messages that carry it."""
    connection.execute("""
        CREATE TABLE alerts (
            number INTEGER PRIMARY KEY, dedup_key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
            severity TEXT NOT NULL, title TEXT NOT NULL, lines TEXT NOT NULL, link TEXT NOT NULL,
            bucket_id TEXT NOT NULL, target TEXT NOT NULL, channel TEXT NOT NULL,
            lasts INTEGER NOT NULL, is_counted INTEGER NOT NULL, times INTEGER NOT NULL,
            put_at REAL NOT NULL, message_id INTEGER, acknowledged_by TEXT NOT NULL,
            checksum INTEGER NOT NULL)
    """)
    connection.execute("CREATE INDEX alerts_by_message ON alerts (message_id)")
    connection.execute("""
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY, channel TEXT NOT NULL, severity TEXT NOT NULL,
            is_counted INTEGER NOT NULL, is_bound INTEGER NOT NULL, composed_at REAL NOT NULL,
            routed_at REAL NOT NULL, not_before REAL NOT NULL, tries INTEGER NOT NULL,
            state TEXT NOT NULL, last TEXT NOT NULL, ended_at REAL, checksum INTEGER NOT NULL)
    """)
    connection.execute("CREATE INDEX messages_by_state ON messages (state, ended_at)")


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


def fence_tables(connection: sqlite3.Connection) -> None:
    """The journal of limits at providers: columns in the order of the fields of its rows."""
    connection.execute("""
        CREATE TABLE fences (
            seq INTEGER PRIMARY KEY, provider TEXT NOT NULL, state TEXT NOT NULL,
            before_cents INTEGER, to_cents INTEGER, own_cents INTEGER, bucket_id TEXT NOT NULL,
            cap_micro INTEGER NOT NULL, attempt INTEGER NOT NULL, problem TEXT NOT NULL,
            planned_at REAL NOT NULL, changed_at REAL NOT NULL, checksum INTEGER NOT NULL)
    """)


def waiting_tables(connection: sqlite3.Connection) -> None:
    """Work that waits for money: columns in the order of the fields of its row."""
    connection.execute("""
        CREATE TABLE waiting (
            item_id TEXT PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL,
            name TEXT NOT NULL, execution_id TEXT NOT NULL, key TEXT NOT NULL,
            since REAL NOT NULL, code TEXT NOT NULL, bucket_id TEXT NOT NULL,
            priority TEXT NOT NULL, needed_micro INTEGER NOT NULL,
            estimated_micro INTEGER NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL,
            asked TEXT NOT NULL, request_id TEXT NOT NULL, step TEXT NOT NULL,
            step_id TEXT NOT NULL, begun_at REAL NOT NULL, rerun_id TEXT NOT NULL,
            problem TEXT NOT NULL, changed_at REAL NOT NULL, checksum INTEGER NOT NULL)
    """)


def month_tables(connection: sqlite3.Connection) -> None:
    """Months that are over, and plans of those to come."""
    connection.execute("""
        CREATE TABLE month_closes (
            month TEXT PRIMARY KEY, revision INTEGER NOT NULL, closed_at REAL NOT NULL,
            changed_at REAL NOT NULL, until_at REAL NOT NULL, charged_micro INTEGER NOT NULL,
            charged_by TEXT NOT NULL, charged_at REAL NOT NULL, document TEXT NOT NULL,
            checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE month_plans (
            plan_id TEXT PRIMARY KEY, month TEXT NOT NULL, amounts TEXT NOT NULL,
            reason TEXT NOT NULL, planned_by TEXT NOT NULL, created_at REAL NOT NULL,
            revoked_at REAL, checksum INTEGER NOT NULL)
    """)


def undone_table(connection: sqlite3.Connection) -> None:
    """How often something was not done, of operations that are no longer kept."""
    connection.execute("""
        CREATE TABLE undone (
            verb TEXT NOT NULL, target TEXT NOT NULL, ordered_by TEXT NOT NULL,
            state TEXT NOT NULL, times INTEGER NOT NULL, last_at REAL NOT NULL,
            checksum INTEGER NOT NULL, PRIMARY KEY (verb, target, ordered_by, state))
    """)


def demand_tables(connection: sqlite3.Connection) -> None:
    """Recipes that people chose, and whether forecasts may start machines of a pool."""
    connection.execute("""
        CREATE TABLE recipes (
            target TEXT PRIMARY KEY, recipe TEXT NOT NULL, chosen_by TEXT NOT NULL,
            request_id TEXT NOT NULL, chosen_at REAL NOT NULL, checksum INTEGER NOT NULL)
    """)
    connection.execute("""
        CREATE TABLE predictions (
            pool TEXT PRIMARY KEY, is_on INTEGER NOT NULL, since REAL NOT NULL,
            reason TEXT NOT NULL, figures TEXT NOT NULL, checksum INTEGER NOT NULL)
    """)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    account_tables,
    registry_tables,
    budget_tables,
    stop_tables,
    request_tables,
    outbox_tables,
    session_tables,
    fence_tables,
    waiting_tables,
    month_tables,
    undone_table,
    demand_tables,
)
