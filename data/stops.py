"""The journal of stops and starts in control.sqlite3: the intent is on the disk before the effect.

Rows are never removed while they are open, and only whole transactions change them, so that
whoever begins anew finds how far each operation had come.
"""

import sqlite3

from data.control import Control, insert
from models.operations import OPEN, Operation, Undone, undone_of

KEPT_SECONDS = 400 * 86_400.0


def operations(control: Control) -> list[Operation]:
    """In the order in which they were planned."""
    return [Operation(*row[:-1]) for row in control.rows("stops", "seq")]


def add(connection: sqlite3.Connection, fresh: Operation) -> None:
    """Raises AssertionError for a second open operation of a target: that is a fault of ours."""
    marks = ", ".join("?" * len(OPEN))
    sql = f"SELECT count(*) FROM stops WHERE target = ? AND state IN ({marks})"  # noqa: S608
    [count] = connection.execute(sql, [fresh.target, *OPEN]).fetchone()
    assert not (fresh.is_open and count), f"{fresh.target} has an open operation"
    insert(connection, "stops", [fresh])


def change(connection: sqlite3.Connection, before: Operation, after: Operation) -> bool:
    """Whether the row still stood as `before`; if somebody was faster, nothing is changed."""
    sql = "SELECT state, attempt FROM stops WHERE seq = ?"
    found = connection.execute(sql, [before.seq]).fetchone()
    if found != (before.state, before.attempt):
        return False
    insert(connection, "stops", [after])
    return True


def forget_old(control: Control, now: float) -> None:
    """Drop what has been closed for longer than the history is kept; what was not done stays
    counted.
    """
    marks = ", ".join("?" * len(OPEN))
    where = f"FROM stops WHERE changed_at < ? AND state NOT IN ({marks})"
    values = [now - KEPT_SECONDS, *OPEN]
    with control.transaction() as connection:
        rows = connection.execute(f"SELECT * {where}", values).fetchall()
        if rows:
            counted = undone_of((Operation(*row[:-1]) for row in rows), _undone(connection))
            insert(connection, "undone", counted)
            connection.execute(f"DELETE {where}", values)


def undone(control: Control) -> list[Undone]:
    """What was not done, of operations that are dropped."""
    with control.transaction() as connection:
        return _undone(connection)


def _undone(connection: sqlite3.Connection) -> list[Undone]:
    return [Undone(*row[:-1]) for row in connection.execute("SELECT * FROM undone")]
