"""The start-up ladder: from a lock to an open store, and an exact account of what was lost.

1. One agent a home: a file lock. Readers are asked to wait.
2. Control is opened; a damaged one is made anew from its intact rows and from DuckDB.
3. DuckDB is read whole without changing a byte; what cannot be read is repaired (repair.py).
4. What control acknowledged is held against what is there; what is missing is written down.
5. The file is opened for writing and brought up to date.
"""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data.control import Control, Flush
from data.home import Home
from data.locks import FileLock
from data.ops import account
from data.ops.accident import ENDS_EARLY, Accident
from data.ops.books import Books
from data.ops.connection import (
    first_line,
    is_disk_full,
    open_for_looking,
    open_for_writing,
    temporary_folder,
    told_apart,
    wal_of,
)
from data.ops.control_opening import open_control
from data.ops.database import Database
from data.ops.quarantine import Quarantine, tidy
from data.ops.records import forget_watermarks
from data.ops.repair import Repair
from data.ops.report import OpenReport, StoreLimits
from data.ops.schema import migrate
from data.ops.sealing import drop_leftovers
from data.ops.settling import Settling, messages_of
from models.errors import StoreDamaged, StoreError, StoreFull, StoreLocked

READERS_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Opened:
    """All that an open store holds.

    `last_seen`: when rows were last written, None if never. `pending`: flushes in DuckDB that
    control had no room to acknowledge.
    """

    database: Database
    control: Control
    lock: FileLock
    books: Books
    report: OpenReport
    seq: int
    last_seen: float | None
    pending: list[Flush]

    def close(self) -> None:
        self.database.close()
        self.control.close()
        self.lock.release()


def open_store(home: Home, limits: StoreLimits, now: float) -> Opened:
    """Go up the ladder. Raises StoreLocked, StoreFull, StoreDamaged, StoreError."""
    try:
        return _open_store(home, limits, now)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(f"{home.path}: the disk is full. Make room on it.") from error
        raise StoreError(
            f"{error.filename or home.path}: {error.strerror}. Check the disk, and who owns the "
            "folder and its files."
        ) from error
    except (duckdb.Error, ValueError) as error:
        if is_disk_full(error):
            raise StoreFull(f"{home.path}: the disk is full. Make room on it.") from error
        # Nonsense with a good checksum: what wrote it had bad memory, or was no store of ours.
        raise StoreDamaged(
            f"{home.ops}: it can be read, and holds what cannot be ({first_line(error)}). Move it "
            "and its .wal away and start again: what is then missing is told from "
            "control.sqlite3. Have the memory of the machine tested."
        ) from error


def _open_store(home: Home, limits: StoreLimits, now: float) -> Opened:
    started = time.monotonic()
    with own(home) as lock:
        quarantine = Quarantine(home, now)
        control, is_rebuilt = open_control(home.control, quarantine)
        try:
            accident = Accident(control, quarantine)
            findings = Repair(home.ops, quarantine, now, accident.remember).whole_findings()
            balance = account.balance_of(
                control.flushes(), findings, control.last_seq(), is_rebuilt=is_rebuilt
            )
            if balance.short and wal_of(home.ops).exists() and not accident.happened:
                accident.remember(ENDS_EARLY)
                quarantine.copy(wal_of(home.ops), ENDS_EARLY)
            database = _open_for_writing(home, now)
            try:
                books = Books(database.connection)
                if accident.happened:
                    # Rows may be missing that other files still have: they are read again.
                    forget_watermarks(database.connection)
                settled = Settling(control, database, books, accident, now).settle(balance)
            except BaseException:
                database.close()
                raise
        except BaseException:
            control.close()
            raise
    tidy(home, limits.quarantine_max_bytes)
    report = OpenReport(
        losses=tuple(settled.losses),
        messages=tuple(messages_of(quarantine, settled, is_rebuilt=is_rebuilt)),
        quarantine=quarantine.path if quarantine.is_used else None,
        rows_verified=findings.rows,
        seconds=time.monotonic() - started,
    )
    last_seen = max((flush.last_at for flush in control.flushes()), default=None)
    seq = max([control.last_seq(), *findings.flushes])
    return Opened(database, control, lock, books, report, seq, last_seen, settled.pending)


@contextmanager
def own(home: Home) -> Iterator[FileLock]:
    """Take the home for this process, and keep readers away while the body runs.

    The lock stays taken unless the body raises. Raises StoreLocked when another agent has it.
    """
    lock = FileLock(home.lock)
    if not lock.acquire():
        holder = home.lock.read_text().strip() or "unknown"
        raise StoreLocked(
            f"{home.path}: an agent with process id {holder} runs in this home. Stop it "
            f"(kill {holder}), or choose another home with SALLIM_HOME."
        )
    # Readers lock this one; nobody waits for them for long.
    starting = FileLock(home.starting, 0o640)
    try:
        lock.write(f"{os.getpid()}\n")
        starting.acquire(READERS_WAIT_SECONDS)
        yield lock
    except BaseException:
        lock.release()
        raise
    finally:
        starting.release()


def _open_for_writing(home: Home, now: float) -> Database:
    """Open the file that was just read whole; on a full disk for reading only."""
    shutil.rmtree(temporary_folder(home.ops), ignore_errors=True)
    try:
        database = _brought_up_to_date(home.ops, now)
    except duckdb.Error as error:
        if not is_disk_full(error) or not home.ops.exists():
            raise told_apart(home.ops, error) from error
        connection = open_for_looking(home.ops)
        database = Database(home.ops, connection, is_writable=False)
    for file in (home.ops, wal_of(home.ops)):
        forbid_others(file)
    return database


def _brought_up_to_date(path: Path, now: float) -> Database:
    database = Database(path, open_for_writing(path))
    try:
        migrate(database.connection, now)
        drop_leftovers(database.connection)
        # What follows is added to a fresh WAL, never to one that was torn; and a file without
        # WAL is the easiest to repair.
        database.connection.execute("CHECKPOINT")
    except BaseException:
        database.close()
        raise
    return database


def forbid_others(file: Path) -> None:
    """Take from everybody but owner and group what rights they have; the group may only read."""
    if file.exists():
        file.chmod(file.stat().st_mode & 0o640)
