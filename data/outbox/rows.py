"""Reading rows of the outbox; each function is for use within a transaction."""

import json
import sqlite3
from typing import Any

from models.alerts.kept import DEAD, KeptAlert, KeptMessage
from models.messages import Message


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


def dead_row(
    connection: sqlite3.Connection, message_id: int, reason: Message, now: float
) -> KeptMessage:
    message = message_with(connection, message_id)
    return message._replace(state=DEAD, last=reason_text(reason), ended_at=now)


def reason_text(reason: Message) -> str:
    return json.dumps(reason.as_json(), ensure_ascii=False, separators=(",", ":"))
