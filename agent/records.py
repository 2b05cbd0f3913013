"""Records on their way to the store: what collectors found that is no number."""

import threading
from collections.abc import Iterable

from models.monitoring import Execution, Record

RECORDS_MAX = 20_000
"""What is kept while the store cannot take it. Then the oldest go."""


class RecordQueue:
    """Thread-safe. Of the same execution or thing only the newest state waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, ...], Record] = {}
        self.dropped = 0
        """Records lost since the start because the store could not take them in time."""

    def add(self, records: Iterable[Record]) -> None:
        with self._lock:
            for record in records:
                key = identity(record)
                self._waiting.pop(key, None)
                self._waiting[key] = record
            self._shed()

    def take(self) -> list[Record]:
        with self._lock:
            taken, self._waiting = list(self._waiting.values()), {}
        return taken

    def put_back(self, records: Iterable[Record]) -> None:
        """Keep what the store could not take; what came meanwhile is newer."""
        with self._lock:
            older = {identity(record): record for record in records}
            self._waiting = {**older, **self._waiting}
            self._shed()

    def _shed(self) -> None:
        while len(self._waiting) > RECORDS_MAX:
            del self._waiting[next(iter(self._waiting))]
            self.dropped += 1


def identity(record: Record) -> tuple[str, ...]:
    """What makes two records two states of one thing."""
    if isinstance(record, Execution):
        return ("execution", record.source, record.execution_id)
    return (record.kind, record.source, record.id)
