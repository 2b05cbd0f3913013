"""Taking turns with other processes that write, so that none waits long.

SQLite lets whoever looks first have the lock, and its own pauses grow to 100 ms: of eight busy
processes the one that runs takes it again and again, before those that sleep have looked.
"""

from __future__ import annotations

import sqlite3
import time

FIRST_PAUSE_SECONDS, PAUSE_SECONDS, LONG_PAUSE_SECONDS = 0.0003, 0.00003, 0.002
FIRST_WAIT_SECONDS, LONG_WAIT_SECONDS = 0.001, 0.05
COURTESY_SECONDS, CROWDED_SECONDS = 0.0015, 0.02
CROWDED, CROWD_MAX = 4, 16
SHARED_SECONDS = 1.0
UNKNOWN = -1
BREATH_SECONDS, BREATHLESS_SECONDS, BREATHLESS = 0.0004, 0.001, 8
"""Who takes the lock so many times without a pause lets others look."""
SHORT_BREATH_SECONDS = 0.00005
"""Where none has written of late: who begins to wait soon looks so often."""


class Turns:
    """Of one connection, which does not wait by itself (`busy_timeout` 0)."""

    def __init__(self) -> None:
        self._crowd = 0
        """Grows with each transaction that had to wait, and shrinks with each that had not."""
        self._waited_at = 0.0
        self._in_a_row = 0
        self._took_at = 0.0
        self._version = UNKNOWN
        """Of the file's data; another one when another connection has written to it."""
        self._shared_at = float("-inf")

    @property
    def is_crowded(self) -> bool:
        return self._crowd >= CROWDED

    def take(self, connection: sqlite3.Connection, busy_seconds: float) -> None:
        """Begin to write as soon as nobody else does. Raises sqlite3.Error."""
        if self.is_crowded:
            self._let_others_first()
        elif self._is_breathless():
            time.sleep(BREATH_SECONDS if self._others_write(connection) else SHORT_BREATH_SECONDS)
        began = 0.0
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                now = time.monotonic()
                began = began or now
                if "locked" not in str(error) or now - began >= busy_seconds:
                    raise
                time.sleep(_pause_seconds(now - began))
            else:
                self._note(began)
                return

    def _is_breathless(self) -> bool:
        now, took_at = time.monotonic(), self._took_at
        self._took_at = now
        self._in_a_row = self._in_a_row + 1 if now - took_at < BREATHLESS_SECONDS else 0
        if self._in_a_row < BREATHLESS:
            return False
        self._in_a_row = 0
        return True

    def _others_write(self, connection: sqlite3.Connection) -> bool:
        """Or did so lately: of those that wait none may have had a turn since this was asked."""
        try:
            [version] = connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.OperationalError:
            return True
        now = time.monotonic()
        if self._version not in (version, UNKNOWN):
            self._shared_at = now
        self._version = version
        return now - self._shared_at < SHARED_SECONDS

    def _let_others_first(self) -> None:
        if time.monotonic() - self._waited_at > CROWDED_SECONDS:
            self._crowd = 0
        else:
            time.sleep(COURTESY_SECONDS)

    def _note(self, began: float) -> None:
        if began:
            self._crowd = min(self._crowd + 2, CROWD_MAX)
            self._waited_at = time.monotonic()
        elif self._crowd:
            self._crowd -= 1


def _pause_seconds(waited_seconds: float) -> float:
    """Who has waited longer looks more often, so that each has its turn.

    Only when the other seems to be stuck it is not worth it any more.
    """
    if waited_seconds > LONG_WAIT_SECONDS:
        return LONG_PAUSE_SECONDS
    return FIRST_PAUSE_SECONDS if waited_seconds < FIRST_WAIT_SECONDS else PAUSE_SECONDS
