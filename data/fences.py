"""The journal of limits at providers in control.sqlite3: the intent is on the disk before the
effect.
"""

import sqlite3
from collections.abc import Callable

from data.control import Control, insert
from models.fence.kept import FenceRow

KEPT_SECONDS = 400 * 86_400.0
Tell = Callable[[sqlite3.Connection, FenceRow], None]
"""Puts what is to be sent into the same transaction."""


def fence_rows(control: Control) -> list[FenceRow]:
    """In the order in which they were planned."""
    return [FenceRow(*row[:-1]) for row in control.rows("fences", "seq")]


def keep_fence(control: Control, row: FenceRow, tell: Tell | None = None) -> FenceRow:
    """As it is now; one with the number 0 gets the next. What is old goes, but for each newest."""
    with control.transaction() as connection:
        kept = row._replace(
            seq=row.seq or _next(connection),
            # As the columns hold them: the checksum is one of what is read again.
            planned_at=float(row.planned_at),
            changed_at=float(row.changed_at),
        )
        insert(connection, "fences", [kept])
        if tell is not None:
            tell(connection, kept)
        connection.execute(
            """
            DELETE FROM fences
            WHERE changed_at < ? AND seq NOT IN (SELECT max(seq) FROM fences GROUP BY provider)
            """,
            [kept.changed_at - KEPT_SECONDS],
        )
    return kept


def _next(connection: sqlite3.Connection) -> int:
    [[last]] = connection.execute("SELECT coalesce(max(seq), 0) FROM fences").fetchall()
    return int(last) + 1
