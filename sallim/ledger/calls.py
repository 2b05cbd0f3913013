"""The table `calls`: functions over a connection, inside a transaction of the caller."""

# ruff: noqa: S608  The names of columns in SQL are those of CallRow.

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from sallim.ledger.money_rows import (
    AMOUNT_MAX,
    PRIORITIES,
    STATES,
    Asked,
    CallRow,
    Settlement,
    Tokens,
)
from sallim.ledger.rows import clean

CHARACTERS_MAX = 500
CALL_ID_MAX = 100
LAST_SIGN = "\U0010ffff"
"""No text that can be printed has a sign behind it."""
TOOL_CALLS_MAX = 4_000
ASKED = len(Asked._fields)
BUCKETS, STREAM, TOKENS = (CallRow._fields.index(name) for name in ("buckets", "stream", "tokens"))
TOKENS_END = TOKENS + len(Tokens._fields)
COLUMNS = tuple(
    column
    for name in CallRow._fields
    for column in (Tokens._fields if name == "tokens" else (name,))
)
ALL = ", ".join(COLUMNS)
KINDS = {
    int: "a whole number",
    str: "text",
    bool: "True or False",
    tuple: "a tuple of texts",
    Tokens: "Tokens",
}
ASKED_TYPES = (
    *(str, int, *(str,) * 8, tuple, int, int),
    *(str, str, int, int, bool, str, int, str, int, int),
)
SETTLEMENT_TYPES = (int, int, str, int, int, str, Tokens, str, int, str, int)
TOKENS_TYPES = (int,) * len(Tokens._fields)
TEXTS = {
    *("call_id", "provider", "model", "endpoint", "workflow", "analysis", "job_key", "key_label"),
    *("priority", "buckets", "price_id", "fx_id", "host", "process", "state", "source"),
    *("model_billed", "tool_calls", "error"),
}
COLUMN_TYPES = tuple(str if name in TEXTS else int for name in COLUMNS)
LAST_SEQ = "SELECT max(last_call, coalesce((SELECT max(seq) FROM calls), 0)) FROM money_sequence"
SEQ = f"({LAST_SEQ}) + 1"
RESULT = COLUMNS[COLUMNS.index("nano_usd") :]
"""What an end of a call brings, and `updated_us`."""
TOOL_CALLS = RESULT.index("tool_calls")
ASK = f"""
INSERT INTO calls (seq, {", ".join(Asked._fields)}, state, charged, updated_us)
VALUES ({SEQ}{", ?" * ASKED}, 'open', ?, ?)
ON CONFLICT (call_id, attempt) DO NOTHING
"""
PUT = f"""
INSERT INTO calls (seq, {", ".join(COLUMNS[1:])}, charged)
VALUES ({SEQ}{", ?" * (len(COLUMNS) - 1)}, ?)
ON CONFLICT (call_id, attempt) DO NOTHING
"""
END = f"""
UPDATE calls SET seq = {SEQ}, state = 'settled', {", ".join(f"{name} = ?" for name in RESULT)}
WHERE call_id = ? AND attempt = ?
"""
RELEASE = f"""
UPDATE calls SET seq = {SEQ}, state = 'released', nano_usd = 0, gross_micro = 0, source = '',
                 status = ?, error = ?, updated_us = ?
WHERE call_id = ? AND attempt = ?
"""
DOUBT = f"""
UPDATE calls SET seq = {SEQ}, state = 'unverified', nano_usd = worst_nano_usd,
                 gross_micro = worst_micro, source = 'unverified', updated_us = ?
WHERE call_id = ? AND attempt = ?
"""
FIND = """
SELECT state, charged, worst_micro, provider, model FROM calls WHERE call_id = ? AND attempt = ?
"""


def ask(connection: sqlite3.Connection, asked: Asked, charged: Sequence[int]) -> bool:
    """Insert it as open; False when it is there already."""
    row = (*_told(asked), ids_text(charged), asked.opened_us)
    return connection.execute(ASK, row).rowcount > 0


def put(connection: sqlite3.Connection, call: CallRow, charged: Sequence[int]) -> bool:
    """Insert it as it is, but for its seq; False when it is there already."""
    return connection.execute(PUT, (*flat(call)[1:], ids_text(charged))).rowcount > 0


def settle(
    connection: sqlite3.Connection, call_id: str, attempt: int, settlement: Settlement
) -> None:
    connection.execute(END, (*_result(settlement), settlement.settled_us, call_id, attempt))


def release(
    connection: sqlite3.Connection, call_id: str, attempt: int, told: tuple[int, str, int]
) -> None:
    """`told`: status, error and the moment."""
    status, error, now_us = told
    row = (status, clean(error, CHARACTERS_MAX), now_us, call_id, attempt)
    connection.execute(RELEASE, row)


def doubt(connection: sqlite3.Connection, call_id: str, attempt: int, now_us: int) -> None:
    """It becomes unverified."""
    connection.execute(DOUBT, (now_us, call_id, attempt))


def find(
    connection: sqlite3.Connection, call_id: str, attempt: int
) -> tuple[str, list[int], int, str, str] | None:
    """State, the balances in which it counts, worst_micro, provider and model."""
    found = connection.execute(FIND, (call_id, attempt)).fetchone()
    if found is None:
        return None
    state, charged, worst_micro, provider, model = found
    return state, ids_of(charged), worst_micro, provider, model


def get(connection: sqlite3.Connection, call_id: str, attempt: int) -> CallRow:
    sql = f"SELECT {ALL} FROM calls WHERE call_id = ? AND attempt = ?"
    return row_of(connection.execute(sql, (call_id, attempt)).fetchone())


def named(
    connection: sqlite3.Connection, prefix: str, states: Sequence[str] = STATES
) -> list[CallRow]:
    """All attempts of calls whose id begins so, in the order of id and attempt."""
    marks = ", ".join("?" * len(states))
    sql = f"""
    SELECT {ALL} FROM calls WHERE call_id >= ? AND call_id < ? AND state IN ({marks})
    ORDER BY call_id, attempt
    """
    found = connection.execute(sql, (prefix, prefix + LAST_SIGN, *states))
    return [row_of(row) for row in found]


def since(connection: sqlite3.Connection, seq: int, limit: int) -> list[CallRow]:
    return [row_of(row) for row in flat_since(connection, seq, limit)]


def flat_since(connection: sqlite3.Connection, seq: int, limit: int) -> list[tuple[object, ...]]:
    """The columns in COLUMNS."""
    sql = f"SELECT {ALL} FROM calls WHERE seq > ? ORDER BY seq LIMIT ?"
    return connection.execute(sql, (seq, limit)).fetchall()


def settled_row(asked: Asked, settlement: Settlement) -> CallRow:
    return row_of((0, *_told(asked), "settled", *_result(settlement), settlement.settled_us))


def row_of(values: Sequence[object]) -> CallRow:
    """Out of the columns in COLUMNS. Whatever a stranger wrote, it has the types of a CallRow."""
    row: list[Any] = [
        value if type(value) is wanted else _as(wanted, value)
        for value, wanted in zip(values, COLUMN_TYPES)  # noqa: B905 `strict` is of 3.10
    ]
    row[TOKENS:TOKENS_END] = [Tokens._make(row[TOKENS:TOKENS_END])]
    row[BUCKETS] = tuple(row[BUCKETS].split("\n")) if row[BUCKETS] else ()
    row[STREAM] = bool(row[STREAM])
    return CallRow._make(row)


def _as(wanted: type, value: object) -> object:
    """In SQLite a column holds whatever is written to it."""
    if wanted is str:
        return "" if value is None else str(value)
    return int(value) if type(value) is bool else 0


def flat(call: CallRow) -> list[object]:
    """The columns in COLUMNS."""
    row: list[object] = list(call)
    row[TOKENS : TOKENS + 1] = call.tokens
    row[BUCKETS] = "\n".join(call.buckets)
    return row


def ids_text(balances: Sequence[int]) -> str:
    return ",".join(map(str, balances))


def ids_of(charged: str) -> list[int]:
    return [int(number) for number in charged.split(",")] if charged else []


def checked(asked: Asked) -> Asked:
    """With its texts as SQLite can hold them. Raises ValueError that names the field."""
    _check_types(asked, ASKED_TYPES)
    call_id = asked.call_id
    if not 0 < len(call_id) <= CALL_ID_MAX or not call_id.isprintable():
        raise ValueError(
            f"call_id is {call_id[:CALL_ID_MAX]!r}: it must be 1 to {CALL_ID_MAX} printable signs"
        )
    if asked.priority not in PRIORITIES:
        raise ValueError(
            f"priority is {asked.priority!r}: it must be one of {', '.join(PRIORITIES)}"
        )
    _check_amount("worst_nano_usd", asked.worst_nano_usd, 0)
    _check_amount("worst_micro", asked.worst_micro, 0)
    if _is_plain("".join([*asked.buckets, *(value for value in asked if type(value) is str)])):
        return asked
    row: list[Any] = [
        clean(value, CHARACTERS_MAX) if type(value) is str else value for value in asked
    ]
    row[BUCKETS - 1] = tuple(
        [clean(bucket, CHARACTERS_MAX).replace("\n", " ") for bucket in asked.buckets]
    )
    return Asked._make(row)


def check_settlement(settlement: Settlement, least: int = 0) -> None:
    """Raises ValueError that names the field. `least` is below zero for a correction."""
    _check_types(settlement, SETTLEMENT_TYPES)
    _check_types(settlement.tokens, TOKENS_TYPES)
    _check_amount("nano_usd", settlement.nano_usd, least)
    _check_amount("gross_micro", settlement.gross_micro, least)


def _check_types(row: Any, types: tuple[type, ...]) -> None:
    if tuple(map(type, row)) == types:
        return
    for index, wanted in enumerate(types):
        value = row[index]
        # `type`, for True is an int as well.
        if type(value) is not wanted:
            raise ValueError(f"{row._fields[index]} is {value!r}: it must be {KINDS[wanted]}")


def _check_amount(name: str, value: int, least: int) -> None:
    if not least <= value <= AMOUNT_MAX:
        raise ValueError(f"{name} is {value}: it must be from {least:,} to {AMOUNT_MAX:,}")


def _is_plain(texts: str) -> bool:
    """Nearly always, of all together: then each can be written as it is."""
    return len(texts) <= CHARACTERS_MAX and texts.isascii() and texts.isprintable()


def _told(asked: Asked) -> list[object]:
    """Its columns: the buckets a line each."""
    row: list[object] = list(asked)
    row[BUCKETS - 1] = "\n".join(asked.buckets)
    return row


def _result(settlement: Settlement) -> list[object]:
    """In the order of RESULT, without `updated_us`."""
    before, tokens, after = settlement[:6], settlement.tokens, settlement[7:]
    row: list[object] = [
        clean(value, CHARACTERS_MAX) if type(value) is str else value
        for value in (*before, *tokens, *after)
    ]
    # JSON that is cut is none.
    fits = len(settlement.tool_calls) <= TOOL_CALLS_MAX
    row[TOOL_CALLS] = clean(settlement.tool_calls, TOOL_CALLS_MAX) if fits else ""
    return row
