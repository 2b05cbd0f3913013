"""Readings on their way to the store: folded into buckets of ten seconds, in memory."""

import math
import threading
from collections.abc import Iterable

from models.metrics import unit_of
from models.monitoring import Aggregate, Reading, Row, SeriesKey
from models.rollups import bucket_start, of_value, with_value

BUCKET_SECONDS = 10
BUCKETS_MAX = 60
"""Ten minutes: what is kept while the store cannot take it. Then the oldest bucket goes."""


class Folder:
    """Thread-safe. Buckets are [start, start + 10 s) of the wall clock."""

    def __init__(self, bucket_seconds: int = BUCKET_SECONDS) -> None:
        self._bucket_seconds = bucket_seconds
        self._lock = threading.Lock()
        self._buckets: dict[int, dict[SeriesKey, Aggregate]] = {}
        self.dropped = 0
        """Values lost since the start because the store could not take them in time."""

    def add(self, machine: str, readings: Iterable[Reading], at: float) -> None:
        """`at` is UTC epoch seconds. Gaps (None) and what is not a number are not stored."""
        start = bucket_start(at, self._bucket_seconds)
        with self._lock:
            bucket = self._buckets.setdefault(start, {})
            for name, value, labels in readings:
                if value is None or not math.isfinite(value):
                    continue
                key = SeriesKey(machine, name, labels)
                before = bucket.get(key)
                bucket[key] = of_value(value) if before is None else with_value(before, value)
            self._shed()

    def take(self, ended_before: float) -> list[Row]:
        """Remove and return the buckets that ended before that moment (UTC epoch seconds)."""
        with self._lock:
            ended = sorted(s for s in self._buckets if s + self._bucket_seconds <= ended_before)
            taken = [(start, self._buckets.pop(start)) for start in ended]
        return [
            Row(key, unit_of(key.name), start, value)
            for start, bucket in taken
            for key, value in bucket.items()
        ]

    def put_back(self, rows: Iterable[Row]) -> None:
        """Keep rows that the store could not take, for the next try."""
        with self._lock:
            for row in rows:
                self._buckets.setdefault(row.taken_at, {}).setdefault(row.series, row.value)
            self._shed()

    def _shed(self) -> None:
        while len(self._buckets) > BUCKETS_MAX:
            self.dropped += len(self._buckets.pop(min(self._buckets)))
