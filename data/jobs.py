"""From the ledger's jobs to the store: each change once, in batches, by the ledger's own sequence.

The watermark stands in the store, in the transaction that brings the rows: whatever of the two
files is lost or is put back from a backup, the next step reads again from where the store is.
"""

from collections.abc import Sequence
from typing import Protocol

from data.ops.records import Cell
from models.redaction import redact
from sallim.ledger import JobRow, Ledger
from sallim.ledger.rows import CHARACTERS_MAX, SECONDS_MAX, clean

ROWS_A_BATCH = 2_000
MICROSECONDS = 1_000_000
STATE_CHARACTERS_MAX = 20


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
    """In the order of the columns of `data.ops.records.JOBS`.

    Every program of the group writes the file, and SQLite takes any value into any column.
    """
    texts = {name: _text(getattr(row, name), most) for name, most in CHARACTERS_MAX.items()}
    return (
        texts["job_id"],
        texts["parent_id"],
        texts["name"],
        texts["stage"],
        texts["key"],
        texts["host"],
        _text(row.state, STATE_CHARACTERS_MAX),
        _seconds(row.queued_us),
        _seconds(row.started_us),
        _seconds(row.ended_us),
        _seconds(row.duration_us),
        redact(texts["error"]),
        row.seq,
    )


def _text(value: object, most: int) -> str:
    return clean(value, most) if isinstance(value, str) else ""


def _seconds(microseconds: object) -> float | None:
    if not isinstance(microseconds, int | float):
        return None
    seconds = microseconds / MICROSECONDS
    return seconds if 0 <= seconds < SECONDS_MAX else None
