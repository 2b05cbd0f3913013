"""From the ledger's money to the store: each change once, in batches, by the ledger's sequences.

The watermarks stand in the store, in the transaction that brings the rows. Where the store has
lost them, all that the ledger still has is read again, and what is missing out of its archive.
"""

import re
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

from data.cost_cells import (
    MICROSECONDS,
    balance_cells,
    columns_of,
    event_cells,
    exchange_cells,
    refusal_cells,
)
from data.ops.costs import CALL_COLUMNS, Calls
from data.ops.recording import CostBatch
from sallim.ledger import archive
from sallim.ledger.accounts import Accounts
from sallim.ledger.calls import flat
from sallim.ledger.money_rows import CallRow, Exchange
from sallim.ledger.statement_rows import Balance

__all__ = [
    "MICROSECONDS",
    "ROWS_A_BATCH",
    "balance_rows",
    "fold_balances",
    "fold_step",
    "note_months",
    "read_month",
    "unread_months",
]

ROWS_A_BATCH = 10_000
"""As many as fit into the little memory that the agent gives to the store."""
SEQ = list(CALL_COLUMNS).index("seq")
MONTH_NAME = re.compile(r"calls-\d{4}-\d{2}\.jsonl")


class Folding(Protocol):
    """What the fold needs of the store."""

    def watermark(self, source: str) -> int: ...
    def fold_costs(self, batch: CostBatch, now: float) -> None: ...


def fold_step(accounts: Accounts, ledger_id: str, store: Folding, now: float) -> int:
    """Bring one batch over; how many rows there were. Raises LedgerError and StoreError.

    A ledger that was made anew counts from 1: it has an id and so watermarks of its own.
    """
    names = [f"{kind}:{ledger_id}" for kind in ("calls", "refusals", "limits")]
    # An older copy was put back: what it counts from there on is new under old numbers.
    calls_seq, refusals_seq, events_seq = (
        mark if mark <= last else 0
        for mark, last in zip(map(store.watermark, names), accounts.last_seqs(), strict=True)
    )
    calls = accounts.flat_calls_since(calls_seq, ROWS_A_BATCH)
    refusals = accounts.refusals_since(refusals_seq, ROWS_A_BATCH)
    events = accounts.limit_events_since(events_seq, ROWS_A_BATCH)
    told = columns_of(calls)
    last_seqs = [
        told.columns[SEQ][-1:] if calls else (),
        [row.seq for row in refusals[-1:]],
        [row.seq for row in events[-1:]],
    ]
    moved = [(name, int(seq)) for name, seqs in zip(names, last_seqs, strict=True) for seq in seqs]
    if moved:
        batch = CostBatch(
            marks=moved,
            calls=told,
            refusals=[refusal_cells(row) for row in refusals],
            limit_events=[event_cells(row) for row in events],
            fx_rates=[exchange_cells(row) for row in _exchanges(accounts, told)],
        )
        store.fold_costs(batch, now)
    return max(len(calls), len(refusals), len(events))


def unread_months(ledger_id: str, store: Folding, folder: Path) -> list[tuple[Path, str]]:
    """Files of the archive that the store does not know as they are, and what it calls each.

    It notes them by their size: one that has grown since a copy of the store was made is read.
    """
    named = _months(ledger_id, folder)
    return [(path, source) for path, source in named if store.watermark(source) != _size(path)]


def read_month(path: Path, source: str, store: Folding, now: float) -> int:
    """Bring the calls of one file over that the store does not have; how many it holds.

    Raises ArchiveDamaged before anything is stored, LedgerError and StoreError.
    """
    size = _size(path)
    count = sum(1 for _ in archive.read(str(path)))
    for part in _batches(archive.read(str(path))):
        store.fold_costs(CostBatch(archived=columns_of([flat(call) for call in part])), now)
    store.fold_costs(CostBatch(marks=[(source, size)]), now)
    return count


def note_months(
    ledger_id: str, store: Folding, folder: Path, unread: Container[Path], now: float
) -> None:
    """What was archived just now had been brought over before, so it need not be read."""
    named = _months(ledger_id, folder)
    marks = [(source, _size(path)) for path, source in named if path not in unread]
    if marks:
        store.fold_costs(CostBatch(marks=marks), now)


def balance_rows(accounts: Accounts, now_us: int) -> list[Balance]:
    """Of each budget in its period and in the one before, where late calls may still settle."""
    current = accounts.balances(now_us)
    before = {
        (row.bucket_id, row.start_us): row
        for start_us in sorted({row.start_us for row in current})
        for row in accounts.balances(start_us - 1)
    }
    there = {(row.bucket_id, row.start_us) for row in current}
    return [*current, *(row for key, row in before.items() if key not in there)]


def fold_balances(store: Folding, rows: Iterable[Balance], now: float) -> None:
    """Raises StoreError."""
    store.fold_costs(CostBatch(balances=[balance_cells(row, now) for row in rows]), now)


def _exchanges(accounts: Accounts, calls: Calls) -> list[Exchange]:
    """The rates by which these calls were converted, as far as they are still in force."""
    used = {(labels.provider, labels.fx_id) for labels in set(calls.labels)}
    found = {provider: accounts.exchange_for(provider) for provider, _ in used}
    fx_ids = {fx_id for _, fx_id in used}
    return [row for row in set(found.values()) if row is not None and row.fx_id in fx_ids]


def _months(ledger_id: str, folder: Path) -> list[tuple[Path, str]]:
    """The oldest first."""
    files = folder.iterdir() if folder.is_dir() else ()
    months = sorted(path for path in files if MONTH_NAME.fullmatch(path.name))
    return [(path, f"archive:{ledger_id}:{path.stem}") for path in months]


def _size(path: Path) -> int:
    return path.stat().st_size


def _batches(rows: Iterator[CallRow]) -> Iterator[list[CallRow]]:
    while part := list(islice(rows, ROWS_A_BATCH)):
        yield part
