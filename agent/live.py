"""The last fifteen minutes of every series in memory, for tiles and live charts."""

import threading
from array import array
from collections.abc import Collection, Iterable
from typing import Any

from models.live import USUAL_INTERVAL_SECONDS
from models.metrics import unit_of
from models.monitoring import Reading, SeriesKey

KEPT_SECONDS = 900.0


class _Ring:
    """Moments and values of one series, 12 bytes a point; cut when twice as long as needed."""

    __slots__ = ("at", "every_seconds", "latest", "moments", "values")

    def __init__(self) -> None:
        self.moments = array("d")
        self.values = array("f")
        self.at = 0.0
        self.latest: float | None = None
        self.every_seconds = USUAL_INTERVAL_SECONDS

    def add(self, at: float, value: float | None, every_seconds: float) -> None:
        self.at, self.latest, self.every_seconds = at, value, every_seconds
        if value is None:
            return
        self.moments.append(at)
        self.values.append(value)
        if self.moments[0] < at - 2 * KEPT_SECONDS:
            self._cut(at - KEPT_SECONDS)

    def _cut(self, since: float) -> None:
        first = self.first_after(since)
        del self.moments[:first]
        del self.values[:first]

    def first_after(self, since: float) -> int:
        for index, moment in enumerate(self.moments):
            if moment >= since:
                return index
        return len(self.moments)


class LiveBoard:
    """Thread-safe. A series that brought nothing for fifteen minutes leaves the board."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rings: dict[SeriesKey, _Ring] = {}

    def add(
        self,
        machine: str,
        readings: Iterable[Reading],
        at: float,
        every_seconds: float = USUAL_INTERVAL_SECONDS,
    ) -> None:
        """`every_seconds` is how often these are read: what comes later than that is a gap."""
        with self._lock:
            for name, value, labels in readings:
                key = SeriesKey(machine, name, labels)
                ring = self._rings.get(key)
                if ring is None:
                    ring = self._rings[key] = _Ring()
                ring.add(at, value, every_seconds)

    def forget_silent(self, now: float) -> None:
        with self._lock:
            gone = [key for key, ring in self._rings.items() if ring.at < now - KEPT_SECONDS]
            for key in gone:
                del self._rings[key]

    def latest(self) -> list[tuple[SeriesKey, float | None, float]]:
        """Series, value (None is a gap) and moment (UTC epoch seconds)."""
        with self._lock:
            return [(key, ring.latest, ring.at) for key, ring in self._rings.items()]

    def as_json(self, history: Collection[str], since: float) -> list[dict[str, Any]]:
        """The part `series` of `GET /live`; `history` names metrics whose points are wanted."""
        with self._lock:
            return [self._shape(key, ring, history, since) for key, ring in self._rings.items()]

    @staticmethod
    def _shape(
        key: SeriesKey, ring: _Ring, history: Collection[str], since: float
    ) -> dict[str, Any]:
        shape: dict[str, Any] = {
            "machine": key.machine,
            "name": key.name,
            "unit": unit_of(key.name),
            "labels": dict(key.labels),
            "value": ring.latest,
            "at": round(ring.at, 3),
        }
        if key.name in history:
            first = ring.first_after(since)
            shape["history"] = {
                "at": [round(at, 1) for at in ring.moments[first:]],
                "value": [float(f"{value:.6g}") for value in ring.values[first:]],
                "every_seconds": ring.every_seconds,
            }
        return shape
