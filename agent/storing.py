"""The store's loop: every ten seconds what was folded goes to disk, in one batch."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent.folding import Folder
from agent.lean import give_back_memory
from agent.records import RecordQueue
from agent.sampling import Clocks
from models.errors import StoreError
from models.monitoring import Record, Row

log = logging.getLogger(__name__)

GRACE_SECONDS = 1.0
"""How long after its end a bucket is closed."""

TRIM_EVERY_SECONDS = 600.0


class Keeping(Protocol):
    """What the loop needs of the store."""

    def write(self, rows: list[Row], now: float) -> int: ...
    def record(self, records: list[Record]) -> None: ...
    def maintain(self, now: float) -> None: ...


@dataclass(slots=True)
class Written:
    """Counts since the start; written by the loop alone, read by anybody."""

    rows: int = 0
    seq: int = 0
    duration_seconds: float = 0.0
    error: str | None = None


class StoreLoop:
    """Owns the writing side of the store. A batch that fails is kept and tried again."""

    def __init__(
        self,
        store: Keeping,
        folder: Folder,
        clocks: Clocks,
        batch_seconds: float,
        records: RecordQueue | None = None,
        fold: Callable[[], None] | None = None,
    ) -> None:
        """`fold` brings over what other files have for the store; it may raise StoreError."""
        self.written = Written()
        self.ticked_at = clocks.monotonic()
        self.period_seconds = batch_seconds
        self._store = store
        self._folder = folder
        self._records = records or RecordQueue()
        self._fold = fold
        self._clocks = clocks
        self._stopped = threading.Event()
        self._trimmed_at = clocks.monotonic()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """End the loop after one last batch with everything folded; False if it did not end."""
        self._stopped.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def flush(self, ended_before: float) -> None:
        """Write what ended before that moment; never raises for what a store may refuse."""
        started = self._clocks.monotonic()
        rows = self._folder.take(ended_before)
        written = self.written
        try:
            if rows:
                written.seq = self._store.write(rows, self._clocks.wall())
                written.rows += len(rows)
                written.error = None
        except (StoreError, OSError) as failure:  # A home that vanished is an OSError.
            self._folder.put_back(rows)
            if written.error != str(failure):
                log.error("samples are kept in memory for now: %s", failure)
            written.error = str(failure)
        written.duration_seconds = self._clocks.monotonic() - started

    def flush_records(self) -> None:
        """Write the records that wait; never raises for what a store may refuse."""
        records = self._records.take()
        try:
            if records:
                self._store.record(records)
        except (StoreError, OSError) as failure:
            self._records.put_back(records)
            log.error("%d records are kept in memory for now: %s", len(records), failure)

    def _maintain(self) -> None:
        try:
            if self._fold is not None:
                self._fold()
        except (StoreError, OSError) as failure:
            log.error("the ledger is not brought over: %s", failure)
        except Exception:
            # The ledger is written by other programs; the store's upkeep must not end with it.
            log.exception("the ledger is not brought over")
        try:
            self._store.maintain(self._clocks.wall())
        except (StoreError, OSError) as failure:
            log.error("the store's upkeep failed: %s", failure)
        if self._clocks.monotonic() - self._trimmed_at > TRIM_EVERY_SECONDS:
            self._trimmed_at = self._clocks.monotonic()
            give_back_memory()

    def _round(self) -> None:
        """One round that outlives any bug of ours, as the collectors' threads do."""
        try:
            self.flush(self._clocks.wall() - GRACE_SECONDS)
            self.flush_records()
            self._maintain()
        except Exception:
            log.exception("the store's round failed and will run again when next due")

    def _run(self) -> None:
        while not self._stopped.wait(self._delay_seconds()):
            self._round()
            self.ticked_at = self._clocks.monotonic()
        self.flush(float("inf"))
        self.flush_records()

    def _delay_seconds(self) -> float:
        period = self.period_seconds
        return period - (self._clocks.wall() - GRACE_SECONDS * 1.5) % period
