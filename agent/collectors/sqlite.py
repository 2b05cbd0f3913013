"""One SQLite file of somebody else: how large it is, and whether it answers."""

import os
import stat
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from data.foreign_sqlite import look
from models.databases.growth import Growths, Size, days_until_full
from models.errors import SourceRefused
from models.messages import Message, say
from models.monitoring import Reading
from models.settings.sqlite import Sqlite

LOCK_SHARE = 0.5
"""How much of its time a reading waits for a lock."""


class SqliteCollector:
    """`clock` gives UTC epoch seconds."""

    def __init__(self, settings: Sqlite, clock: Callable[[], float] = time.time) -> None:
        self.name = f"sqlite:{settings.name}"
        self._source = (("source", settings.name),)
        self._path = Path(settings.path)
        self._wait_seconds = settings.timeout_seconds * LOCK_SHARE
        self._clock = clock
        self._growths = Growths()
        self._grown_at = 0.0
        self._snapshot: Mapping[str, object] = {}

    def details(self) -> Mapping[str, object]:
        """What was known at `at`, in UTC epoch seconds.

        at, path, bytes, wal_bytes, pages, free_pages, free_share, journal ("wal", "delete" ...),
        response_seconds, disk_free_bytes, growth_bytes_per_day, days_to_full
        """
        return self._snapshot

    def collect(self, monotonic_seconds: float) -> list[Reading]:  # noqa: ARG002  (the protocol)
        size = self._size()
        wal_size = _size_of(self._path.with_name(f"{self._path.name}-wal"))
        started = time.perf_counter()
        contents = look(self.name, self._path, self._wait_seconds)
        seconds = time.perf_counter() - started
        free_share = contents.free_pages / contents.pages if contents.pages else 0.0
        growth = self._growth(float(size + wal_size))
        disk = os.statvfs(self._path)
        disk_free = float(disk.f_bavail * disk.f_frsize)
        self._snapshot = {
            "at": self._clock(),
            "path": str(self._path),
            "bytes": size,
            "wal_bytes": wal_size,
            "pages": contents.pages,
            "free_pages": contents.free_pages,
            "free_share": free_share,
            "journal": contents.journal,
            "response_seconds": seconds,
            "disk_free_bytes": disk_free,
            "growth_bytes_per_day": growth,
            "days_to_full": days_until_full(disk_free, growth),
        }
        return [
            Reading("sqlite.response.duration", seconds, self._source),
            Reading("sqlite.size", size, self._source),
            Reading("sqlite.wal.size", wal_size, self._source),
            Reading("sqlite.pages", contents.pages, self._source),
            Reading("sqlite.free_ratio", free_share, self._source),
        ]

    def _growth(self, size_bytes: float) -> float | None:
        now = self._clock()
        self._growths.take("", Size(now, size_bytes))
        return self._growths.bytes_per_day("")

    def _size(self) -> int:
        try:
            found = self._path.stat()
        except OSError as error:
            raise SourceRefused(self.name, _refused(self._path, error)) from error
        if not stat.S_ISREG(found.st_mode):
            raise SourceRefused(
                self.name, say("{path} is no file; name a file in path", path=str(self._path))
            )
        return found.st_size


def _size_of(path: Path) -> int:
    """Zero where there is none: it is made when it is needed."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _refused(path: Path, error: OSError) -> Message:
    if isinstance(error, FileNotFoundError):
        return say(
            "there is no file {path}; name another one in path, or mount the folder it stands in",
            path=str(path),
        )
    return say(
        "{path} cannot be looked at ({reason}); let this program enter its folder and read it, "
        "for example with `setfacl -m u:sallim:rx {folder}`",
        path=str(path),
        reason=error.strerror or type(error).__name__,
        folder=str(path.parent),
    )
