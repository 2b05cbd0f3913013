"""From the ledger's jobs to the store: each change once, in batches, by the ledger's own sequence.

The watermark stands in the store, in the transaction that brings the rows: whatever of the two
files is lost or is put back from a backup, the next step reads again from where the store is.
"""

from collections.abc import Sequence
from typing import Protocol

from data.ops.records import Cell
from models.redaction import redact
from sallim.ledger import JobRow, Ledger

ROWS_A_BATCH = 2_000
MICROSECONDS = 1_000_000


class Folding(Protocol):
    """What the fold needs of the store."""

    def watermark(self, source: str) -> int: ...
    def fold_jobs(self, rows: Sequence[Sequence[Cell]], source: str, watermark: int) -> None: ...


def fold_step(ledger: Ledger, store: Folding) -> int:
    """Bring one batch over; how many rows there were. Raises LedgerError and StoreError.

    A ledger that was made anew counts from 1: it has an id and so a watermark of its own.
    """
    source = f"jobs:{ledger.ledger_id}"
    mark = store.watermark(source)
    if ledger.last_seq() < mark:
        # An older copy was put back: what it counts from there on is new under old numbers.
        mark = 0
    rows = ledger.jobs_since(mark, ROWS_A_BATCH)
    if rows:
        store.fold_jobs([cells(row) for row in rows], source, rows[-1].seq)
    return len(rows)


def cells(row: JobRow) -> tuple[Cell, ...]:
    """In the order of the columns of `data.ops.records.JOBS`."""
    return (
        row.job_id,
        row.parent_id,
        row.name,
        row.stage,
        row.key,
        row.host,
        row.state,
        _seconds(row.queued_us),
        _seconds(row.started_us),
        _seconds(row.ended_us),
        _seconds(row.duration_us),
        redact(row.error),
        row.seq,
    )


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / MICROSECONDS
