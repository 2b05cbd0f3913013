"""Rows that wait for a place that does not answer, and the one thread that brings them there.

The owner's program never waits: it puts a row down and goes on. When there are too many, the
oldest are dropped and counted.
"""

from __future__ import annotations

import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sallim.ledger.rows import JobRow

ROWS_MAX = 5_000
BATCH_ROWS = 200
GATHER_SECONDS = 0.3
"""A job that is over by then is told once, not twice."""
PAUSE_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class NotNow(Exception):
    """They could not be delivered and are to be tried again."""


class Backlog:
    """`deliver` takes rows, or raises NotNow; `tell` is given each reason."""

    def __init__(
        self,
        deliver: Callable[[Sequence[JobRow]], None],
        tell: Callable[[str], None],
        rows_max: int = ROWS_MAX,
    ) -> None:
        self._deliver = deliver
        self._tell = tell
        self._rows_max = rows_max
        self._rows: dict[str, JobRow] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: JobRow) -> None:
        with self._changed:
            # A job's end takes the place of its beginning, which then need not be told.
            self._rows.pop(row.job_id, None)
            self._rows[row.job_id] = row
            while len(self._rows) > self._rows_max:
                del self._rows[next(iter(self._rows))]
                self.dropped += 1
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(
                    target=self._run, name="sallim-backlog", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def stop(self, seconds: float) -> None:
        """One more try for what is left, for at most that long."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _run(self) -> None:
        failures = 0
        while True:
            batch = self._next_batch()
            if not batch:
                return
            try:
                self._deliver(batch)
            except NotNow as reason:
                self._tell(str(reason))
                if self._stopping:
                    return
                self._pause(PAUSE_SECONDS[min(failures, len(PAUSE_SECONDS) - 1)])
                failures += 1
            else:
                failures = 0
                self._forget(batch)

    def _next_batch(self) -> list[JobRow]:
        """The oldest rows as soon as there are any; none when it is over."""
        with self._changed:
            while not self._rows and not self._stopping:
                self._changed.wait()
        self._pause(GATHER_SECONDS)
        with self._changed:
            rows = iter(self._rows.values())
            return [row for row, _ in zip(rows, range(BATCH_ROWS))]  # noqa: B905 Python 3.9

    def _forget(self, batch: Sequence[JobRow]) -> None:
        """Unless a newer telling of the same job has come in meanwhile."""
        with self._changed:
            for row in batch:
                if self._rows.get(row.job_id) is row:
                    del self._rows[row.job_id]

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        with self._changed:
            while not self._stopping and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
