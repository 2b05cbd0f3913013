"""The file of the ledger: how it is made, who may write it, and the one connection of a process.

One connection a process and not one a thread: SQLite lets one writer in at a time anyway, and a
program that starts a thread for each job would pay for opening each time.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from sallim.ledger import forking
from sallim.ledger.errors import LedgerError, ledger_error
from sallim.ledger.folder import make_file
from sallim.ledger.schema import migrate
from sallim.ledger.turns import Turns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

T = TypeVar("T")
PAGE_BYTES = 2_048
"""A transaction changes a few bytes of three pages and writes each of them as a whole."""
CHECKPOINT_PAGES = 8_000
"""16 MB of WAL between two checkpoints: a checkpoint waits for the disk, a commit does not."""
WAL_BYTES_KEPT = 32_000_000
RETRY_SECONDS = 0.01

_leaked: list[sqlite3.Connection] = []


def lenient(text: bytes) -> str:
    """A stranger may write texts that are none; they are to be read, and put right."""
    return text.decode(errors="replace")


class LedgerFile:
    """May be used from several threads, and before and after a fork."""

    def __init__(self, path: str, busy_seconds: float) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0
        self._inode = (0, 0)
        self._waits = True
        """Whether SQLite waits by itself for other writers."""
        self._turns = Turns()
        forking.watch(self)

    @property
    def is_crowded(self) -> bool:
        """Whether other processes write so much that most transactions had to wait."""
        return self._turns.is_crowded

    def transaction(self, busy_seconds: float | None = None) -> Transaction:
        """Everything in the body is committed together, or nothing. Raises LedgerError.

        `busy_seconds`: how long another process that writes is waited for, if not as always.
        """
        return Transaction(self, self._busy_seconds if busy_seconds is None else busy_seconds)

    @contextmanager
    def statement(self) -> Iterator[sqlite3.Connection]:
        """For statements each of which is a transaction by itself. Raises LedgerError."""
        with self._lock:
            try:
                connection = self._opened()
                self._let_wait(connection, True)
                yield connection
            except sqlite3.Error as error:
                raise ledger_error(self.path, error) from error

    def glance(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """What one statement reads. Raises LedgerError; LedgerBusy without any waiting."""
        with self._lock:
            try:
                connection = self._opened()
                self._let_wait(connection, False)
                return read(connection)
            except sqlite3.Error as error:
                raise ledger_error(self.path, error) from error

    def begin(self, busy_seconds: float) -> sqlite3.Connection:
        """Only `end` lets another thread at it. Raises LedgerError."""
        self._lock.acquire()
        try:
            connection = self._opened()
            self._let_wait(connection, False)
            self._turns.take(connection, busy_seconds)
        except sqlite3.Error as error:
            self._lock.release()
            raise ledger_error(self.path, error) from error
        except BaseException:
            self._lock.release()
            raise
        return connection

    def end(self, connection: sqlite3.Connection, commits: bool) -> None:
        """Commit what was done since `begin`, or undo it. Raises LedgerError; undone then too."""
        try:
            if commits:
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise ledger_error(self.path, error) from error
        finally:
            # A failed COMMIT may have ended the transaction by itself.
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            self._lock.release()

    def close(self) -> None:
        """The next use opens it again."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    def _let_wait(self, connection: sqlite3.Connection, waits: bool) -> None:
        if waits != self._waits:
            milliseconds = round(self._busy_seconds * 1000) if waits else 0
            connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
            self._waits = waits

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None and self._pid != os.getpid():
            # Forked by something that does not run Python's hooks. Not even closing is safe here.
            _leaked.append(self._connection)
            self._connection = None
        if self._connection is not None and self._inode != _inode(self.path):
            # Moved away or deleted: what is written from here on belongs into the new file.
            self.close()
        if self._connection is None:
            self._connection, self._pid = self._open(), os.getpid()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        with forking.opening:
            try:
                make_file(self.path)
                self._inode = _inode(self.path)
            except OSError as error:
                raise ledger_error(self.path, error) from error
            connection = sqlite3.connect(
                self.path,
                timeout=self._busy_seconds,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            connection.text_factory = lenient
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            _set_wal(connection, self.path, self._busy_seconds)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT}")
            migrate(connection)
        except BaseException:
            connection.close()
            raise
        self._waits = True
        return connection

    def before_fork(self) -> None:
        """Let go of the file: SQLite's account of its locks must not be copied to a child.

        A child that inherited it would believe it holds locks that only its parent holds.
        """
        self._lock.acquire()
        with suppress(sqlite3.Error):
            self.close()

    def after_fork_in_parent(self) -> None:
        self._lock.release()

    def after_fork_in_child(self) -> None:
        self._lock = threading.RLock()


class Transaction:
    """Of `LedgerFile.transaction`; one made by contextlib takes three times as long."""

    __slots__ = ("_busy_seconds", "_connection", "_file")

    def __init__(self, file: LedgerFile, busy_seconds: float) -> None:
        self._file = file
        self._busy_seconds = busy_seconds

    def __enter__(self) -> sqlite3.Connection:
        self._connection = self._file.begin(self._busy_seconds)
        return self._connection

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.end(self._connection, commits=error is None)
        if isinstance(error, sqlite3.Error):
            raise ledger_error(self._file.path, error) from error


def _set_wal(connection: sqlite3.Connection, path: str, busy_seconds: float) -> None:
    """SQLite does not wait by itself when two processes turn a new file to WAL at once."""
    end = time.monotonic() + busy_seconds
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(RETRY_SECONDS)
        else:
            break
    if mode != "wal":
        raise LedgerError(
            f"{path}: this drive cannot share memory between processes (journal_mode {mode}), as "
            "network drives cannot. Put the ledger on a local disk."
        )


def _inode(path: str) -> tuple[int, int]:
    """(0, 0) when there is none."""
    try:
        known = os.stat(path)  # noqa: PTH116
    except OSError:
        return 0, 0
    return known.st_dev, known.st_ino
