"""One SQLite file of somebody else: how large it is, and whether it answers."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from data.foreign_sqlite import Facts, look
from models.databases.growth import Growths, KnownSizes, Size, days_until_full
from models.messages import Message
from models.monitoring import Reading
from models.settings.sqlite import Sqlite

LOCK_SECONDS_MAX = 1.0
LOCK_SHARE = 0.5
"""How much of its time a reading waits for a lock."""
ALL = ("",)
"""The file and its WAL together, as `KnownSizes` calls it."""


class SqliteCollector:
    """`clock` gives UTC epoch seconds; `known` are the sizes of the last days."""

    def __init__(
        self,
        settings: Sqlite,
        clock: Callable[[], float] = time.time,
        known: KnownSizes | None = None,
    ) -> None:
        self.name = f"sqlite:{settings.name}"
        self._source = (("source", settings.name),)
        self._path = Path(settings.path)
        self._wait_seconds = min(LOCK_SECONDS_MAX, settings.timeout_seconds * LOCK_SHARE)
        self._clock = clock
        self._growths = Growths(known)
        self._left_out: Mapping[str, Message] = {}
        self._snapshot: Mapping[str, object] = {}

    @property
    def left_out(self) -> Mapping[str, Message]:
        return self._left_out

    def details(self) -> Mapping[str, object]:
        """What was known at `at`, in UTC epoch seconds; what is not known is None.

        at, path, bytes, wal_bytes, pages, free_pages, free_share, journal ("wal", "delete"),
        response_seconds, disk_free_bytes, growth_bytes_per_day, days_to_full
        left_out: [message as JSON]
        """
        return self._snapshot

    def collect(self, monotonic_seconds: float) -> list[Reading]:  # noqa: ARG002  (the protocol)
        """Raises SourceError where there is no file to look at."""
        facts = look(self.name, self._path, self._wait_seconds, time.perf_counter)
        now = self._clock()
        self._growths.take(ALL, Size(now, float(facts.size_bytes + facts.wal_bytes)))
        self._left_out = {} if facts.trouble is None else {"read": facts.trouble}
        self._snapshot = self._told(facts, now)
        values = {
            "sqlite.response.duration": facts.read_seconds,
            "sqlite.size": facts.size_bytes,
            "sqlite.wal.size": facts.wal_bytes,
            "sqlite.pages": facts.pages,
            "sqlite.free_ratio": facts.free_share,
        }
        return [Reading(name, value, self._source) for name, value in values.items()]

    def _told(self, facts: Facts, now: float) -> Mapping[str, object]:
        growth = self._growths.bytes_per_day(ALL)
        return {
            "at": now,
            "path": str(self._path),
            "bytes": facts.size_bytes,
            "wal_bytes": facts.wal_bytes,
            "pages": facts.pages,
            "free_pages": facts.free_pages,
            "free_share": facts.free_share,
            "journal": facts.journal,
            "response_seconds": facts.read_seconds,
            "disk_free_bytes": facts.disk_free_bytes,
            "growth_bytes_per_day": growth,
            "days_to_full": days_until_full(facts.disk_free_bytes, growth),
            "left_out": [message.as_json() for message in self._left_out.values()],
        }
