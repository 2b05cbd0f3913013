"""Reading rows of the outbox; each function is for use within a transaction."""

import sqlite3
from typing import Any

from models.alerts.kept import KeptAlert, KeptMessage


def message_with(connection: sqlite3.Connection, message_id: int) -> KeptMessage:
    return messages_where(connection, "id = ?", message_id)[0]


def alert_where(connection: sqlite3.Connection, where: str, value: object) -> KeptAlert | None:
    found = alerts_where(connection, where, value)
    return found[0] if found else None


def alerts_where(connection: sqlite3.Connection, where: str, *values: Any) -> list[KeptAlert]:
    sql = f"SELECT * FROM alerts WHERE {where} ORDER BY number"  # noqa: S608 written above
    return [KeptAlert(*row[:-1]) for row in connection.execute(sql, values)]


def messages_where(connection: sqlite3.Connection, where: str, *values: Any) -> list[KeptMessage]:
    sql = f"SELECT * FROM messages WHERE {where} ORDER BY id"  # noqa: S608 written above
    return [KeptMessage(*row[:-1]) for row in connection.execute(sql, values)]
