"""What is kept for how long, and how it comes back.

Calls are kept one by one for as long as the caller says (90 days); then they go into the archive,
and into a row a day for 310 days more. Functions over a file: each works in short transactions.
"""

# ruff: noqa: S608  Only marks for parameters are put together.

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sallim.ledger import archive, calls
from sallim.ledger.adopting import adopt, strike
from sallim.ledger.budgets import calendars
from sallim.ledger.file import LedgerFile
from sallim.ledger.money_rows import OPEN, CallRow
from sallim.ledger.statement_rows import DayRow

CHUNK_ROWS = 200
ROUND_ROWS = 20_000
"""So many calls in memory at once; a month's file is written anew for each."""
LONGER_DAYS = 310
"""Daily rows and limit events are kept 400 days where calls are kept 90."""
DAY_US = 86_400_000_000
DAYS = ", ".join(DayRow._fields)
ADD_DAY = f"""
INSERT INTO days ({DAYS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, provider, model, workflow, key_label) DO UPDATE SET
    calls = calls + excluded.calls, errors = errors + excluded.errors,
    nano_usd = nano_usd + excluded.nano_usd, gross_micro = gross_micro + excluded.gross_micro,
    input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens
"""
OLD = f"""
SELECT {calls.ALL} FROM calls
WHERE state != '{OPEN}' AND updated_us < ? AND seq <= ? ORDER BY seq LIMIT ?
"""
NOTE_SEQ = f"UPDATE money_sequence SET last_call = ({calls.LAST_SEQ})"


def forget(file: LedgerFile, before_us: int, up_to_seq: int, folder: str) -> int:
    """How many calls were archived and deleted."""
    total = 0
    while True:
        with file.statement() as connection:
            found = connection.execute(OLD, (before_us, up_to_seq, ROUND_ROWS)).fetchall()
        old = [calls.row_of(row) for row in found]
        for month in sorted({archive.month_of(call) for call in old}):
            archive.add(folder, month, [call for call in old if archive.month_of(call) == month])
        gone = 0
        for first in range(0, len(old), CHUNK_ROWS):
            with file.transaction() as connection:
                gone += _delete(connection, old[first : first + CHUNK_ROWS])
        total += gone
        if not gone or len(old) < ROUND_ROWS:
            break
    with file.transaction() as connection:
        _forget_others(connection, before_us)
    return total


def rebuild(file: LedgerFile, folder: str, rows: Iterable[CallRow]) -> int:
    """How many calls were brought back."""
    newest: dict[archive.Key, CallRow] = {}
    for call in (*archive.read_all(folder), *rows):
        key = (call.call_id, call.attempt)
        if key not in newest or newest[key].updated_us <= call.updated_us:
            newest[key] = call
    # In one transaction: half of it would be a balance that is too low.
    with file.transaction() as connection:
        fresh = [call for call in newest.values() if calls.put(connection, call, ())]
        strike(connection, [call.opened_us for call in fresh])
        connection.execute("UPDATE money_sequence SET rules = rules + 1")
        for bucket_id in calendars(connection) if fresh else ():
            adopt(connection, bucket_id)
        for day in {archive.day_of(call.opened_us) for call in fresh}:
            connection.execute("DELETE FROM days WHERE day = ?", [day])
    return len(fresh)


def days(connection: sqlite3.Connection, since_day: str, until_day: str) -> list[DayRow]:
    sql = f"SELECT {DAYS} FROM days WHERE day >= ? AND day < ? ORDER BY {DAYS}"
    return [DayRow(*row) for row in connection.execute(sql, (since_day, until_day))]


def _delete(connection: sqlite3.Connection, old: list[CallRow]) -> int:
    """Those that nobody has changed since they were read."""
    connection.execute(NOTE_SEQ)
    gone = 0
    for call in old:
        if connection.execute("DELETE FROM calls WHERE seq = ?", [call.seq]).rowcount:
            connection.execute(ADD_DAY, _as_day(call))
            gone += 1
    return gone


def _forget_others(connection: sqlite3.Connection, before_us: int) -> None:
    connection.execute(
        """
        UPDATE money_sequence SET last_refusal = max(last_refusal, coalesce(
            (SELECT max(seq) FROM refusals), 0))
        """
    )
    connection.execute("DELETE FROM refusals WHERE last_us < ?", [before_us])
    long_before_us = before_us - LONGER_DAYS * DAY_US
    connection.execute("DELETE FROM limit_events WHERE at_us < ?", [long_before_us])
    connection.execute("DELETE FROM days WHERE day < ?", [archive.day_of(long_before_us)])


def _as_day(call: CallRow) -> DayRow:
    tokens = call.tokens
    output_tokens = tokens.output + tokens.reasoning
    return DayRow(
        archive.day_of(call.opened_us),
        call.provider,
        call.model,
        call.workflow,
        call.key_label,
        1,
        int(call.status >= 400),
        call.nano_usd,
        call.gross_micro,
        sum(tokens) - output_tokens,
        output_tokens,
    )
