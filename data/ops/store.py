"""The store: rows in, questions answered, history kept within its limits."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import duckdb

from data.control import Control, Flush
from data.home import Home
from data.ops.acknowledging import Acknowledgements
from data.ops.database import Database
from data.ops.demand_keeping import DemandKeeper
from data.ops.opening import Opened, open_store
from data.ops.query import Question, answer
from data.ops.recording import CostBatch, Recorder
from data.ops.records import Cell, move_watermark
from data.ops.reopening import Answer, Connection, Mender
from data.ops.report import OpenReport, StoreLimits, StoreStatus
from data.ops.rollups import merge_late
from data.ops.samples import by_day, insert, storable
from data.ops.upkeep import Upkeep
from models.databases.growth import KnownSizes
from models.errors import StoreError, StoreFull
from models.monitoring import Record, Row
from models.tiers import RAW
from models.workflows.known import Known

Mark = tuple[str, int]
"""A source that numbers what it sends, and the last number that is stored."""


class Store:
    """`write` and `maintain` take turns; `query` and `status` are for any number at any time.

    What was written is on the disk when `write` returns, and stays: a crash of the process or
    of the machine at any moment loses no row of an acknowledged seq.
    """

    def __init__(self, home: Home, opened: Opened, limits: StoreLimits) -> None:
        self.report: OpenReport = opened.report
        self._limits = limits
        self._lock = opened.lock
        self._control: Control = opened.control
        self._database: Database = opened.database
        self._books = opened.books
        self._upkeep = Upkeep(self._database, self._control, self._books, opened.last_seen)
        self._mender = Mender(
            home, limits.free_min_bytes, self._database, self._books, self._upkeep.sealer
        )
        self._recorder = Recorder(self._mender)
        self._demand = DemandKeeper(self._mender)
        self._seq: int = opened.seq
        self._rows_lost = sum(loss.rows_lost for loss in opened.control.losses())
        self._rows_refused = 0
        self._acknowledgements = Acknowledgements(opened.control, opened.pending)

    @classmethod
    def open(cls, home: Home, limits: StoreLimits, now: float) -> "Store":
        """Go up the start-up ladder; `report` says what was found, and exactly what was lost.

        Raises StoreLocked when another agent holds the home, StoreFull when there is no room to
        make a store, StoreError when a newer version wrote it.
        """
        opened = open_store(home, limits, now)
        try:
            store = cls(home, opened, limits)
        except BaseException:
            opened.close()
            raise
        with suppress(StoreFull):
            store._mender.check_room()
        return store

    @property
    def control(self) -> Control:
        """What is kept beside the samples; open as long as the store is."""
        return self._control

    @property
    def demand(self) -> DemandKeeper:
        """Forecasts, what came true of them, and plans."""
        return self._demand

    def write(self, rows: Sequence[Row], now: float, mark: Mark | None = None) -> int:
        """Commit rows and acknowledge them; the seq of their flush.

        `mark` says how far a probe was read; it is committed in the transaction of the rows.
        Either all rows are in or, when this raises, none: they may be handed over again. Rows
        that no database could hold (not finite, far out of time) are left out and counted.
        Raises StoreFull while the disk has no room, StoreError otherwise.
        """
        with self._mender.turn:
            self._mender.check_room()
            good = [row for row in rows if storable(row)]
            self._rows_refused += len(rows) - len(good)
            if good:
                flushes = self._commit(good, now, mark)
                self._seq = flushes[-1].seq
                self._acknowledge(flushes)
            return self._seq

    def record(self, records: Sequence[Record]) -> None:
        """Commit what is no number; a batch that is handed over twice changes nothing.

        Raises StoreFull while the disk has no room, StoreError otherwise.
        """
        self._recorder.record(records)

    def fold_jobs(self, rows: Sequence[Sequence[Cell]], source: str, watermark: int) -> None:
        """Commit rows of the ledger's jobs together with how far it was read.

        Cells stand in the order of `JOBS`. Raises StoreFull, StoreError.
        """
        self._recorder.fold_jobs(rows, source, watermark)

    def fold_costs(self, batch: CostBatch, now: float) -> None:
        """Commit what the ledger has of the money, with how far it was read; all or nothing.

        Raises StoreFull, StoreError.
        """
        self._recorder.fold_costs(batch, now)

    def watermark(self, source: str) -> int:
        """How far another file was read; 0 before the first. Raises StoreError."""
        return self._recorder.watermark(source)

    def known_runs(self, source: str, now: float) -> Known:
        """What is remembered of the runs of one n8n. Raises StoreError."""
        return self._recorder.known_runs(source, now)

    def known_sizes(self, machine: str, source: str, now: float) -> KnownSizes:
        """What is remembered of how large one database server or file was. Raises StoreError."""
        return self._recorder.known_sizes(machine, source, now)

    def read(self, ask: Callable[[Connection], Answer]) -> Answer:
        """Ask by one of the functions of `data/ops/asked.py`. Raises StoreError."""
        return self._mender.read(ask)

    def maintain(self, now: float) -> None:
        """Do what is due: rollups, sealing, retention, the cap. Cheap when nothing is.

        Raises StoreFull while the disk has no room, StoreError otherwise.
        """
        with self._mender.turn:
            self._mender.check_room()
            self._acknowledge([])
            self._mender.attempt(lambda: self._upkeep.run(now, self._seq, self._limits))

    def query(
        self, sql: str, params: Sequence[object], *, rows_max: int, seconds_max: float
    ) -> bytes:
        """Run exactly one SELECT; its rows as an Arrow IPC stream.

        Raises QueryRefused when it is not one, is wrong, gives more rows than `rows_max` or
        takes longer than `seconds_max`; StoreError while the file cannot be read.
        """
        question = Question(sql, params, rows_max, seconds_max)
        return self._mender.read_again(lambda cursor: answer(cursor, question))

    def status(self) -> StoreStatus:
        """The state right now, without waiting for the writer."""
        state, reason = self._mender.state
        size = self._upkeep.size
        return StoreStatus(
            state=state,
            reason=reason,
            size_bytes=size.used_bytes,
            size_max_bytes=self._limits.size_max_bytes,
            file_bytes=size.file_bytes,
            series=len(self._books.series),
            seq=self._seq,
            rows_lost=self._rows_lost,
            rows_refused=self._rows_refused,
            periods_evicted=self._upkeep.periods_evicted,
            unacknowledged=len(self._acknowledgements),
        )

    def close(self) -> None:
        """Fold the WAL in, note that this was on purpose, and let go of the files."""
        with self._mender.turn:
            with suppress(StoreError):
                self._acknowledge([])
            with suppress(StoreError, duckdb.Error):
                self._upkeep.note_all_rows()
            self._database.close()
            with suppress(StoreError):
                self._control.set_state("closed_at_seq", str(self._seq))
            self._control.close()
            self._lock.release()

    def _commit(self, rows: list[Row], now: float, mark: Mark | None) -> list[Flush]:
        days = by_day(rows)
        flushes = [
            Flush(seq, len(day), min(r.taken_at for r in day), max(r.taken_at for r in day))
            for seq, day in enumerate(days, start=self._seq + 1)
        ]
        reopenings = self._mender.reopenings

        def insert_once() -> None:
            # A COMMIT may be durable and yet end in a fatal error, when the checkpoint after it
            # finds no room: what is there already must not be written twice.
            if self._mender.reopenings == reopenings or not self._mender.holds(flushes[-1].seq):
                self._insert(list(zip(flushes, days, strict=True)), now, mark)

        try:
            self._mender.attempt(insert_once)
        except BaseException:
            self._mender.doubt(flushes)
            raise
        return flushes

    def _insert(
        self, batches: list[tuple[Flush, list[Row]]], now: float, mark: Mark | None
    ) -> None:
        books = self._books
        with self._database.transaction() as connection:
            if mark is not None:
                move_watermark(connection, *mark)
            for flush, rows in batches:
                ids = books.series.ids_of(connection, rows, now)
                raw = books.periods.ensure(connection, RAW, flush.first_at)
                insert(connection, raw, flush, zip(ids, rows, strict=True))
                merge_late(connection, books.periods, books.marks, raw, flush)
                self._upkeep.sealer.note_rows(connection, flush.first_at, flush.last_at)

    def _acknowledge(self, flushes: list[Flush]) -> None:
        error = self._acknowledgements.note(flushes, self._books.series)
        if error is not None:
            self._mender.note(error)
