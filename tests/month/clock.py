"""The clock of a month that goes by in seconds: eight bytes of a file, read by every process.

`live_by` has a whole process live by it: what asks the operating system for the time is told that
of the month. Intervals stay real there: locks and sockets are waited for as ever.
"""

import mmap
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
MICRO = 1_000_000
SIZE = 8


class MonthClock:
    """Whoever made the file sets it; all others only read."""

    def __init__(self, path: Path) -> None:
        with suppress(FileExistsError), path.open("xb") as file:
            file.write(bytes(SIZE))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), SIZE)

    @property
    def now_us(self) -> int:
        return int.from_bytes(self._shared[:SIZE], "little")

    @property
    def now(self) -> float:
        """UTC epoch seconds."""
        return self.now_us / MICRO

    def set(self, now: float) -> None:
        self._shared[:SIZE] = int(now * MICRO).to_bytes(SIZE, "little")


def live_by(path: Path) -> MonthClock:
    clock = MonthClock(path)
    time.time = lambda: clock.now
    time.time_ns = lambda: clock.now_us * 1_000
    return clock


def moment(day: int, hour: float = 0, month: int = 11) -> float:
    """Of a day in Seoul, in 2026."""
    return datetime(2026, month, day, tzinfo=SEOUL).timestamp() + hour * 3_600


def said(at: float) -> str:
    return f"{datetime.fromtimestamp(at, SEOUL):%m-%d %H:%M}"
