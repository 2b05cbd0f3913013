"""The table `calls`: functions over a connection, inside a transaction of the caller."""

# ruff: noqa: S608  The names of columns in SQL are those of CallRow.

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from sallim.ledger.checking import CHARACTERS_MAX, is_plain
from sallim.ledger.money_rows import (
    STATES,
    Asked,
    CallRow,
    Settlement,
    Tokens,
)
from sallim.ledger.rows import clean

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
TEXTS = {
    *("call_id", "provider", "model", "endpoint", "workflow", "analysis", "job_key", "key_label"),
    *("priority", "buckets", "price_id", "fx_id", "host", "process", "state", "source"),
    *("model_billed", "tool_calls", "error", "prompt_hash", "prefix_hash"),
}
COLUMN_TYPES = tuple(str if name in TEXTS else int for name in COLUMNS)
LAST_SEQ = "SELECT max(last_call, coalesce((SELECT max(seq) FROM calls), 0)) FROM money_sequence"
SEQ = f"({LAST_SEQ}) + 1"
AFTER_ASKED = Asked._fields.index("prompt_hash")
"""From there on, what is asked stands at the end of a CallRow: it came in later."""
RESULT = COLUMNS[COLUMNS.index("nano_usd") : COLUMNS.index("updated_us") + 1]
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
END_OPEN = f"{END} AND state = 'open' AND charged = ? AND worst_micro = ?"
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


class Found(NamedTuple):
    """What is needed of a call to end it; `charged` are the balances in which it counts."""

    state: str
    charged: str
    worst_micro: int
    provider: str
    model: str


def ask(connection: sqlite3.Connection, asked: Asked, charged: str) -> bool:
    """Insert it as open; False when it is there already."""
    row = (*_told(asked), charged, asked.opened_us)
    return connection.execute(ASK, row).rowcount > 0


def put(connection: sqlite3.Connection, call: CallRow, charged: Sequence[int]) -> bool:
    """Insert it as it is, but for its seq; False when it is there already."""
    return connection.execute(PUT, (*flat(call)[1:], ids_text(charged))).rowcount > 0


def settle(
    connection: sqlite3.Connection, call_id: str, attempt: int, settlement: Settlement
) -> None:
    connection.execute(END, (*_result(settlement), settlement.settled_us, call_id, attempt))


def settle_open(
    connection: sqlite3.Connection,
    call_id: str,
    attempt: int,
    settlement: Settlement,
    found: Found,
) -> bool:
    """Settle it if it still is open as it was found before this transaction; else False."""
    row = (*_result(settlement), settlement.settled_us, call_id, attempt)
    as_found = (found.charged, found.worst_micro)
    return connection.execute(END_OPEN, (*row, *as_found)).rowcount > 0


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


def find(connection: sqlite3.Connection, call_id: str, attempt: int) -> Found | None:
    """Whatever a stranger wrote, it has a number for its worst case."""
    row = connection.execute(FIND, (call_id, attempt)).fetchone()
    if row is None:
        return None
    found = Found._make(row)
    return found if type(found.worst_micro) is int else found._replace(worst_micro=0)


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


def opened_since(connection: sqlite3.Connection, provider: str, at_us: int) -> list[CallRow]:
    """Those of a provider that were opened at or after `at_us`, in the order of their opening."""
    sql = f"SELECT {ALL} FROM calls WHERE opened_us >= ? AND provider = ? ORDER BY opened_us, seq"
    return [row_of(row) for row in connection.execute(sql, (at_us, provider))]


def settled_row(asked: Asked, settlement: Settlement) -> CallRow:
    told = _told(asked)
    first, last = told[:AFTER_ASKED], told[AFTER_ASKED:]
    return row_of((0, *first, "settled", *_result(settlement), settlement.settled_us, *last))


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
    """Without what is no number of a balance: a stranger may have written there."""
    parts = str(charged).split(",")
    return [int(each) for each in parts if each.isdecimal() and len(each) < 19]


def _told(asked: Asked) -> list[object]:
    """Its columns: the buckets a line each; sqlite3 looks for an adapter of whatever is no int."""
    row: list[object] = list(asked)
    row[BUCKETS - 1] = "\n".join(asked.buckets)
    row[STREAM - 1] = int(asked.stream)
    return row


def _result(settlement: Settlement) -> list[object]:
    """In the order of RESULT, without `updated_us`."""
    told = (*settlement[:6], *settlement.tokens, *settlement[7:])
    row: list[object] = list(told)
    if is_plain("".join([value for value in told if type(value) is str])):
        return row
    row = [clean(value, CHARACTERS_MAX) if type(value) is str else value for value in told]
    # JSON that is cut is none.
    fits = len(settlement.tool_calls) <= TOOL_CALLS_MAX
    row[TOOL_CALLS] = clean(settlement.tool_calls, TOOL_CALLS_MAX) if fits else ""
    return row
