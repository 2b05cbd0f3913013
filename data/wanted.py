"""Who wants what of which target, in control.sqlite3: a row a target and who wants it."""

import sqlite3

from data.control import Control, insert
from models.wanted import Wanted


def wanted(control: Control) -> list[Wanted]:
    return [Wanted(*row[:-1]) for row in control.rows("wanted", "target, wanted_by")]


def put_wanted(connection: sqlite3.Connection, row: Wanted) -> None:
    """In a transaction: mostly that of the operation which makes it come true."""
    insert(connection, "wanted", [row])


def forget_wanted(connection: sqlite3.Connection, target: str, wanted_by: str) -> None:
    connection.execute("DELETE FROM wanted WHERE target = ? AND wanted_by = ?", [target, wanted_by])
