"""The table `jobs`: functions over a connection, inside a transaction of the caller."""

# ruff: noqa: S608  The names of columns in SQL are those of JobRow.

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sallim.ledger.processes import can_be_seen, is_gone
from sallim.ledger.rows import ABANDONED, FINAL, QUEUED, RUNNING, JobRow, merged

ALL = ", ".join(JobRow._fields)
OPEN = (QUEUED, RUNNING)
LAST_SEQ = "SELECT max(last, coalesce((SELECT max(seq) FROM jobs), 0)) FROM sequence"
SEQ = f"({LAST_SEQ}) + 1"
"""A part of the one statement that changes a row, so that this is a transaction by itself."""
INSERT = f"""
INSERT INTO jobs (seq, {", ".join(name for name in JobRow._fields if name != "seq")})
VALUES ({SEQ}{", ?" * (len(JobRow._fields) - 1)})
"""
END = f"""
UPDATE jobs SET seq = {SEQ}, state = ?, key = ?, ended_us = ?, duration_us = ?, error = ?,
                updated_us = ?
WHERE job_id = ?
"""
REPLACE = f"""
UPDATE jobs SET seq = {SEQ}, {", ".join(f"{name} = ?" for name in JobRow._fields[2:])}
WHERE job_id = ?
"""
ABANDON = f"""
UPDATE jobs SET seq = {SEQ}, state = 'abandoned', ended_us = ?, error = ?, updated_us = ?
WHERE job_id = ? AND seq = ?
"""


def insert(connection: sqlite3.Connection, job: JobRow) -> None:
    connection.execute(INSERT, (job[0], *job[2:]))


def end(connection: sqlite3.Connection, job: JobRow) -> bool:
    """Write the end of a job; False where its beginning was never written."""
    result = (job.state, job.key, job.ended_us, job.duration_us, job.error, job.updated_us)
    return connection.execute(END, (*result, job.job_id)).rowcount > 0


def put(connection: sqlite3.Connection, job: JobRow) -> bool:
    """Insert it, or bring what is known of it up to date; False when it told nothing new."""
    sql = f"SELECT {ALL} FROM jobs WHERE job_id = ?"
    found = connection.execute(sql, [job.job_id]).fetchone()
    if found is None:
        insert(connection, _with_end(job))
        return True
    known = JobRow(*found)
    fresh = _with_end(merged(known, job))
    if fresh._replace(seq=0, updated_us=0) == known._replace(seq=0, updated_us=0):
        return False
    connection.execute(REPLACE, (*fresh[2:-1], job.updated_us, job.job_id))
    return True


def _with_end(job: JobRow) -> JobRow:
    """A job that ended has an end; where nobody told it, the moment at which it was heard of."""
    if job.state in FINAL and job.ended_us is None:
        return job._replace(ended_us=job.updated_us)
    return job


def since(connection: sqlite3.Connection, seq: int, limit: int) -> list[JobRow]:
    sql = f"SELECT {ALL} FROM jobs WHERE seq > ? ORDER BY seq LIMIT ?"
    return [JobRow(*row) for row in connection.execute(sql, [seq, limit])]


class OpenJobs:
    """Those that have not ended, brought up to date by what changed since the last look.

    An index of them in the file would cost every job a tenth more time.
    """

    def __init__(self, ledger_id: str) -> None:
        self.ledger_id = ledger_id
        self.seq = 0
        self._jobs: dict[str, JobRow] = {}

    def see(self, changed: Sequence[JobRow]) -> None:
        for job in changed:
            self.seq = job.seq
            if job.state in OPEN:
                self._jobs[job.job_id] = job
            else:
                self._jobs.pop(job.job_id, None)

    def dead(self, host: str, silent_before_us: int | None) -> list[tuple[JobRow, str]]:
        """Jobs that nobody will end any more, each with why."""
        found = [(job, _cause(job, host, silent_before_us)) for job in self._jobs.values()]
        return [(job, cause) for job, cause in found if cause]


def _cause(job: JobRow, host: str, silent_before_us: int | None) -> str:
    runs = job.state == RUNNING
    if runs and is_gone(job.pid, job.process, job.host == host):
        return f"its process {job.pid} on {job.host} is gone"
    silent = silent_before_us is not None and job.updated_us < silent_before_us
    if silent and not (runs and can_be_seen(job.process)):
        return f"nothing was heard of it from {job.host or 'its host'} any more"
    return ""


def abandon(
    connection: sqlite3.Connection, dead_jobs: Sequence[tuple[JobRow, str]], now_us: int
) -> list[JobRow]:
    """Mark those that nobody has touched since they were found dead; they are returned."""
    done = []
    for job, reason in dead_jobs:
        if connection.execute(ABANDON, (now_us, reason, now_us, job.job_id, job.seq)).rowcount:
            done.append(job._replace(state=ABANDONED, ended_us=now_us, error=reason))
    return done


def forget(connection: sqlite3.Connection, before_us: int, up_to_seq: int, limit: int) -> int:
    """Delete the oldest rows, at most `limit`; how many were deleted.

    Rows are looked at in the order of their last change, so that none is read twice for nothing.
    The highest seq is written down before its row may go: no seq is ever given twice.
    """
    connection.execute(f"UPDATE sequence SET last = ({LAST_SEQ})")
    return connection.execute(
        """
        DELETE FROM jobs WHERE updated_us < ? AND seq IN (
            SELECT seq FROM jobs WHERE seq <= ? ORDER BY seq LIMIT ?)
        """,
        [before_us, up_to_seq, limit],
    ).rowcount
