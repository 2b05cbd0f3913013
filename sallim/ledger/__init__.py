"""The ledger: what the owner's programs write, and the agent reads.

A SQLite file that several programs write at the same time, also while the agent is down. Every
change of a row takes a new `seq` in the transaction that makes it; a reader that remembers the
highest one it has seen misses nothing and reads nothing twice.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping

from sallim.ledger import jobs
from sallim.ledger.errors import ArchiveDamaged, LedgerBusy, LedgerDamaged, LedgerError
from sallim.ledger.file import LedgerFile
from sallim.ledger.rows import JobRow, from_wire, job_row, to_wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sallim.ledger.accounts import Accounts

__all__ = [
    "ArchiveDamaged",
    "JobRow",
    "Ledger",
    "LedgerBusy",
    "LedgerDamaged",
    "LedgerError",
    "from_wire",
    "to_wire",
]

BUSY_SECONDS = 5.0
CHUNK_ROWS = 500
"""So many in one transaction: whoever else wants to write waits a few milliseconds at most."""
SEQ_MAX = 2**63 - 1


class Ledger:
    """May be used from several threads, and before and after a fork.

    Every method raises LedgerError, which names the file and what a person can do.
    """

    def __init__(self, file: LedgerFile) -> None:
        self._file = file
        self.path = file.path
        self._open_jobs = jobs.OpenJobs("")
        self._looking = threading.Lock()
        self._accounts: Accounts | None = None

    @classmethod
    def open(cls, path: str | os.PathLike[str], busy_seconds: float = BUSY_SECONDS) -> Ledger:
        """Open it; it is made when there is none, but not its folder.

        `busy_seconds`: how long another process that writes is waited for.
        """
        ledger = cls(LedgerFile(os.fspath(path), busy_seconds))
        with ledger._file.statement():
            return ledger

    def close(self) -> None:
        if self._accounts is not None:
            self._accounts.close()
        self._file.close()

    @property
    def accounts(self) -> Accounts:
        """The money in the same file."""
        if self._accounts is None:
            # Programs that only write jobs do without it.
            from sallim.ledger.accounts import Accounts

            self._accounts = Accounts(self._file)
        return self._accounts

    @property
    def ledger_id(self) -> str:
        """Another one means another file, whose sequence begins anew."""
        with self._file.statement() as connection:
            return str(connection.execute("SELECT ledger_id FROM sequence").fetchone()[0])

    def last_seq(self) -> int:
        """The highest seq that was ever given, also to rows that are deleted."""
        with self._file.statement() as connection:
            return int(connection.execute(jobs.LAST_SEQ).fetchone()[0])

    def start_job(self, job: JobRow) -> None:
        with self._file.statement() as connection:
            jobs.insert(connection, job)

    def end_job(self, job: JobRow) -> None:
        """By the process that did it: what it says holds, whatever was guessed before."""
        with self._file.statement() as connection:
            if not jobs.end(connection, job):
                jobs.insert(connection, job)

    def put_jobs(self, rows: Iterable[JobRow]) -> int:
        """Like `record_jobs`, of rows."""
        with self._file.transaction() as connection:
            return sum(jobs.put(connection, row) for row in rows)

    def record_jobs(self, told: Iterable[Mapping[str, object]], now_us: int) -> int:
        """Tellings of jobs, in any order and as often as one likes; how many told something new.

        A late `running` never undoes an end. What a telling leaves out stays as it was. All are
        written or, when one is malformed, none: then ValueError names it and the column.
        """
        rows = []
        for number, columns in enumerate(told):
            try:
                rows.append(job_row(columns, now_us))
            except ValueError as error:
                raise ValueError(f"job {number}: {error}") from error
        return self.put_jobs(rows)

    def jobs_since(self, seq: int, limit: int) -> list[JobRow]:
        """Rows changed after `seq`, in the order of their change."""
        with self._file.statement() as connection:
            return jobs.since(connection, seq, limit)

    def abandon(self, now_us: int, older_than_us: int | None = None) -> list[JobRow]:
        """Mark the running jobs whose process on this machine is gone; they are returned.

        With `older_than_us` also the open jobs of processes that cannot be seen from here (other
        hosts, containers) of which nothing was heard since that moment.
        """
        with self._looking:
            if self.ledger_id != self._open_jobs.ledger_id or self.last_seq() < self._open_jobs.seq:
                # Another file stands there, or an older copy of it.
                self._open_jobs = jobs.OpenJobs(self.ledger_id)
            while changed := self.jobs_since(self._open_jobs.seq, CHUNK_ROWS):
                self._open_jobs.see(changed)
            found = self._open_jobs.dead(os.uname().nodename, older_than_us)
        done = []
        for first in range(0, len(found), CHUNK_ROWS):
            with self._file.transaction() as connection:
                done += jobs.abandon(connection, found[first : first + CHUNK_ROWS], now_us)
        return done

    def forget(self, before_us: int, up_to_seq: int = SEQ_MAX) -> int:
        """Delete jobs not touched since `before_us`, in short transactions; how many.

        `up_to_seq` is the reader's watermark: what it has not read yet is kept.
        """
        total = 0
        while True:
            with self._file.transaction() as connection:
                gone = jobs.forget(connection, before_us, up_to_seq, CHUNK_ROWS)
            total += gone
            if not gone:
                return total
