"""Refused calls: counted in memory, and written down a minute, bucket, provider and model a row.

A program in a loop may be refused ten thousand times a second: each of them must not wait for the
file. So a count is written when it is the first, when it has doubled, and when a second is over;
of a program that is killed at least half is known.
"""

# ruff: noqa: S608  The names of columns in SQL are those of Refusal.

from __future__ import annotations

import atexit
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from sallim.ledger.errors import LedgerError
from sallim.ledger.file import LedgerFile
from sallim.ledger.money_rows import Asked, Refused
from sallim.ledger.statement_rows import Refusal

MINUTE_US = 60_000_000
SECONDS_MAX = 1.0
WAIT_SECONDS = 0.02
"""For another writer: a refused call is not held up; the count is written with the next one."""
KEYS_MAX = 1_000
"""Minutes, buckets and models in memory while the file cannot be written; more are one row."""
KINDS_MAX = 100
"""Buckets and models of a minute that have a row each; the names of models are the callers', so
those of more are one row without a model."""
ALL = ", ".join(Refusal._fields)
LAST_SEQ = (
    "SELECT max(last_refusal, coalesce((SELECT max(seq) FROM refusals), 0)) FROM money_sequence"
)
SEQ = f"({LAST_SEQ}) + 1"
ADD = f"""
INSERT INTO refusals (seq, {", ".join(Refusal._fields[1:])})
VALUES ({SEQ}, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (bucket_id, provider, model, minute_us) DO UPDATE SET
    seq = {SEQ}, code = excluded.code, priority = excluded.priority,
    calls = calls + excluded.calls, needed_micro = max(needed_micro, excluded.needed_micro),
    last_us = max(last_us, excluded.last_us)
"""


class Key(NamedTuple):
    bucket_id: str
    provider: str
    model: str
    minute_us: int


class Counter:
    """Of one file, in this process; what it counted before a fork is its parent's to write."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._waiting: dict[Key, Refusal] = {}
        self._written: dict[Key, int] = {}
        self._written_at = 0.0

    def count(self, asked: Asked, refused: Refused) -> None:
        """Of a call that was checked.

        Never raises LedgerError: it is refused, whether that can be written or not.
        """
        minute_us = asked.opened_us - asked.opened_us % MINUTE_US
        key = Key(refused.bucket_id, asked.provider, asked.model, minute_us)
        why = (refused.code, refused.priority)
        self.add(Refusal(0, *key, *why, 1, refused.needed_micro, asked.opened_us))

    def add(self, row: Refusal) -> None:
        """Of calls that were refused before the ledger was asked, too. Never raises LedgerError."""
        if self._pid != os.getpid():
            self._begin()
        with self._lock:
            key = self._add(row)
            doubled = self._waiting[key].calls >= self._written.get(key, 0)
        if doubled or self.is_late():
            with suppress(LedgerError):
                self.write(WAIT_SECONDS)

    def is_late(self) -> bool:
        """Whether something waits for more than a second; costs next to nothing to ask."""
        return bool(self._waiting) and time.monotonic() - self._written_at > SECONDS_MAX

    def write(self, busy_seconds: float | None = None) -> None:
        """Whatever waits. Raises LedgerError; it waits on then."""
        if not self._waiting or self._pid != os.getpid():
            return
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            self._written_at = time.monotonic()
        try:
            with self._file.transaction(busy_seconds) as connection:
                add(connection, waiting.values())
        except BaseException:
            with self._lock:
                for key, row in waiting.items():
                    self._merge(key, row)
            raise
        with self._lock:
            newest = max(key.minute_us for key in waiting)
            kept = {key: n for key, n in self._written.items() if key.minute_us >= newest}
            for key, row in waiting.items():
                kept[key] = kept.get(key, 0) + row.calls
            self._written = kept

    def _add(self, row: Refusal) -> Key:
        key = Key(row.bucket_id, row.provider, row.model, row.minute_us)
        if key not in self._waiting and key not in self._written and self._are_many(key.minute_us):
            key = key._replace(model="")
        if key not in self._waiting and len(self._waiting) >= KEYS_MAX:
            key = next(iter(self._waiting))
        self._merge(key, row._replace(**key._asdict()))
        return key

    def _are_many(self, minute_us: int) -> bool:
        if len(self._waiting) + len(self._written) < KINDS_MAX:
            return False
        kinds = {key for keys in (self._waiting, self._written) for key in keys}
        return sum(key.minute_us == minute_us for key in kinds) >= KINDS_MAX

    def _merge(self, key: Key, row: Refusal) -> None:
        known = self._waiting.get(key)
        if known is not None:
            row = row._replace(
                calls=known.calls + row.calls,
                needed_micro=max(known.needed_micro, row.needed_micro),
                last_us=max(known.last_us, row.last_us),
            )
        self._waiting[key] = row


def add(connection: sqlite3.Connection, rows: Iterable[Refusal]) -> None:
    for row in rows:
        connection.execute(ADD, row[1:])


def since(connection: sqlite3.Connection, seq: int, limit: int) -> list[Refusal]:
    sql = f"SELECT {ALL} FROM refusals WHERE seq > ? ORDER BY seq LIMIT ?"
    return [Refusal(*row) for row in connection.execute(sql, (seq, limit))]


_all: weakref.WeakSet[Counter] = weakref.WeakSet()


def _write_all() -> None:
    for counter in list(_all):
        with suppress(LedgerError):
            counter.write(WAIT_SECONDS)


atexit.register(_write_all)
