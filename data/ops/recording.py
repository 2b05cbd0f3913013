"""What is no sample, on its way in and out: records, jobs, and how far other files were read."""

from collections.abc import Sequence
from typing import NamedTuple

from data.ops.costs import FX_RATES, LIMIT_EVENTS, REFUSALS, Calls, missing, put_balances, put_calls
from data.ops.records import JOBS, Cell, move_watermark, replace, store_records, watermark
from data.ops.remembering import known_runs, known_sizes
from data.ops.reopening import Connection, Mender
from models.databases.growth import KnownSizes
from models.monitoring import Record
from models.workflows.known import Known


class CostBatch(NamedTuple):
    """What one step of the fold brings of the money; see `data/cost_fold.py`.

    `marks` says how far each source was read. `archived` are calls that count only
    where they are missing. `balances` None: they are as they were.
    """

    marks: Sequence[tuple[str, int]] = ()
    calls: Calls = Calls()
    archived: Calls = Calls()
    refusals: Sequence[Sequence[Cell]] = ()
    limit_events: Sequence[Sequence[Cell]] = ()
    fx_rates: Sequence[Sequence[Cell]] = ()
    balances: Sequence[Sequence[Cell]] | None = None


class Recorder:
    """For any thread; who writes waits for its turn. Everything raises StoreError."""

    def __init__(self, mender: Mender) -> None:
        self._mender = mender

    def record(self, records: Sequence[Record]) -> None:
        self._mender.change(lambda connection: store_records(connection, records))

    def fold_jobs(self, rows: Sequence[Sequence[Cell]], source: str, watermark: int) -> None:
        def fold(connection: Connection) -> None:
            replace(connection, JOBS, rows)
            move_watermark(connection, source, watermark)

        self._mender.change(fold)

    def fold_costs(self, batch: CostBatch, now: float) -> None:
        def fold(connection: Connection) -> None:
            put_calls(connection, batch.calls)
            put_calls(connection, missing(connection, batch.archived))
            replace(connection, REFUSALS, batch.refusals)
            replace(connection, LIMIT_EVENTS, batch.limit_events)
            replace(connection, FX_RATES, batch.fx_rates)
            if batch.balances is not None:
                put_balances(connection, batch.balances, now)
            for mark in batch.marks:
                move_watermark(connection, *mark)

        self._mender.change(fold)

    def watermark(self, source: str) -> int:
        return self._mender.read(lambda cursor: watermark(cursor, source))

    def known_runs(self, source: str, now: float) -> Known:
        return self._mender.read(lambda cursor: known_runs(cursor, source, now))

    def known_sizes(self, machine: str, source: str, now: float) -> KnownSizes:
        return self._mender.read(lambda cursor: known_sizes(cursor, machine, source, now))
