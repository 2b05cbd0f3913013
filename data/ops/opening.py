"""The start-up ladder: from a lock to an open store, and an exact account of what was lost.

1. One agent a home: a file lock. Readers are asked to wait.
2. Control is opened; a damaged one is made anew from its intact rows and from DuckDB.
3. DuckDB is read whole without changing a byte; what cannot be read is repaired (repair.py).
4. What control acknowledged is held against what is there; what is missing is written down.
5. The file is opened for writing and brought up to date.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb

from data.control import Control, Flush, Loss
from data.home import Home
from data.locks import FileLock
from data.ops import account
from data.ops.books import Books
from data.ops.connection import (
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
from data.ops.repair import Repair
from data.ops.report import OpenReport, StoreLimits
from data.ops.schema import migrate
from models.errors import StoreFull, StoreLocked
from models.messages import Message, say

READERS_WAIT_SECONDS = 5.0
ENDS_EARLY = "ops.duckdb ends before its last transactions"


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
    started = time.monotonic()
    with own(home) as lock:
        quarantine = Quarantine(home, now)
        control, is_rebuilt = open_control(home.control, quarantine)
        try:
            findings = Repair(home.ops, quarantine, now).whole_findings()
            balance = account.balance_of(
                control.flushes(), findings, control.last_seq(), is_rebuilt=is_rebuilt
            )
            if balance.short and wal_of(home.ops).exists() and not quarantine.is_used:
                quarantine.copy(wal_of(home.ops), ENDS_EARLY)
            database = _open_for_writing(home, now)
            try:
                books = Books(database.connection)
                settled = Settling(control, database, books, quarantine, now).settle(balance)
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
    starting = FileLock(home.starting)
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


class Settled(NamedTuple):
    """`pending`: flushes that control had no room to acknowledge."""

    losses: list[Loss]
    pending: list[Flush]
    is_written: bool


@dataclass(frozen=True, slots=True)
class Settling:
    """Brings both files to one account after they were opened."""

    control: Control
    database: Database
    books: Books
    quarantine: Quarantine
    now: float

    def settle(self, balance: account.Balance) -> Settled:
        losses = account.losses_of(balance.short, self._cause(), int(self.now))
        try:
            account.settle(self.control, balance, losses)
            if self.database.is_writable:
                account.settle_series(self.database, self.control)
                if losses or self.quarantine.is_used:
                    losses += self._settle_tiers()
        except StoreFull:
            # The next opening compares again and finds the same.
            return Settled(losses, balance.fresh, is_written=False)
        return Settled(losses, [], is_written=True)

    def _settle_tiers(self) -> list[Loss]:
        account.settle_flushes(self.database, self.books)
        return account.settle_rollups(
            self.database, self.control, self.books, self._cause(), self.now
        )

    def _cause(self) -> account.Cause:
        if self.quarantine.is_used:
            return account.Cause("; ".join(self.quarantine.reasons), str(self.quarantine.path))
        return account.Cause(ENDS_EARLY, "")


def messages_of(quarantine: Quarantine, settled: Settled, *, is_rebuilt: bool) -> Iterator[Message]:
    """What a person should know, most important first."""
    for loss in settled.losses:
        if loss.first_seq is None:
            yield say(
                "{rows} rows of {table} are lost: {cause}",
                rows=loss.rows_lost,
                table=loss.table_name,
                cause=loss.cause,
            )
        else:
            yield say(
                "{rows} rows of {table} are lost (flushes {first_seq} to {last_seq}): {cause}",
                rows=loss.rows_lost,
                table=loss.table_name,
                first_seq=loss.first_seq,
                last_seq=loss.last_seq or loss.first_seq,
                cause=loss.cause,
            )
    if not settled.is_written:
        yield say("The disk is full: what was found at opening is written down when there is room.")
    if is_rebuilt:
        yield say(
            "control.sqlite3 was damaged and made anew from its intact rows and from ops.duckdb. "
            "Of flushes that both files lost, nothing is known."
        )
    if quarantine.is_used:
        yield say("The damaged files are kept in {path}.", path=str(quarantine.path))
