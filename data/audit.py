"""The audit in control.sqlite3: rows are added to its end, and nothing else is done to them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from data.control import Control, insert
from data.control.trouble import told_apart
from models.audit import AuditHead, AuditRow, Entry, following

ROWS_MAX = 1_000
"""In one answer."""


def append(connection: sqlite3.Connection, entry: Entry) -> AuditRow:
    """Put it after the last row, in a transaction of the caller, before anything is done."""
    row = following(_last(connection), entry)
    insert(connection, "audit", [row])
    insert(connection, "audit_head", [AuditHead(1, row.seq, row.sha256)])
    return row


class Audit:
    """The same in a transaction of its own, for what is no request: a sign-in, a command."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def append(self, entry: Entry) -> AuditRow:
        """When this returns, it is on the disk. Raises StoreFull."""
        with self._control.transaction() as connection:
            return append(connection, entry)


def after(control: Control, seq: int) -> tuple[list[AuditRow], AuditHead | None]:
    """The rows that follow one, at most ROWS_MAX, and the head."""
    with control.transaction() as connection:
        return _after(connection, seq), _head(connection)


def all_of(path: Path) -> tuple[list[AuditRow], AuditHead | None]:
    """Of a file that no agent holds. Raises StoreError."""
    with told_apart(path), closing(sqlite3.connect(path, timeout=0)) as connection:
        connection.execute("PRAGMA query_only = ON")
        if not _has(connection, "audit"):
            return [], _missing(connection)
        return list(_each(connection)), _head(connection)


def _each(connection: sqlite3.Connection) -> Iterator[AuditRow]:
    seq = 0
    while rows := _after(connection, seq):
        yield from rows
        seq = rows[-1].seq


def _after(connection: sqlite3.Connection, seq: int) -> list[AuditRow]:
    sql = "SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?"
    return [AuditRow(*row[:-1]) for row in connection.execute(sql, [seq, ROWS_MAX])]


def _last(connection: sqlite3.Connection) -> AuditHead | None:
    """Also where the head is lost: no row is ever replaced by another."""
    row = connection.execute("SELECT 1, seq, sha256 FROM audit ORDER BY seq DESC").fetchone()
    last, head = None if row is None else AuditHead(*row), _head(connection)
    return max((each for each in (last, head) if each), key=lambda each: each.seq, default=None)


def _head(connection: sqlite3.Connection) -> AuditHead | None:
    row = connection.execute("SELECT * FROM audit_head WHERE id = 1").fetchone()
    if row is not None:
        return AuditHead(*row[:-1])
    is_empty = connection.execute("SELECT NOT EXISTS (SELECT 1 FROM audit)").fetchone()[0]
    return _missing(connection) if is_empty else None


def _missing(connection: sqlite3.Connection) -> AuditHead | None:
    """What the head must have been at least, where nothing is left of the audit and there are
    requests: each of them had a row. None where nobody has asked for anything yet.
    """
    if not _has(connection, "requests"):
        return None
    count = int(connection.execute("SELECT count(*) FROM requests").fetchone()[0])
    return AuditHead(1, count, "") if count else None


def _has(connection: sqlite3.Connection, table: str) -> bool:
    sql = "SELECT count(*) FROM sqlite_schema WHERE name = ?"
    return bool(connection.execute(sql, [table]).fetchone()[0])
