"""What a probe keeps for the hub: numbered records in segment files, the oldest dropped first.

A record is handed to the kernel before it is pushed, so a process that is killed loses only what
it still folded in memory. Each record carries a checksum: what is damaged costs itself, and the
reader goes on at the next record. A start opens a run of its own, with numbers from 1, so that
no number is given twice even after a power cut took the end of a file.
"""

import os
import secrets
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock

from data.locks import FileLock
from data.spool.records import (
    RECORD,
    Kept,
    Segment,
    append,
    append_mark,
    files,
    first,
    records,
    remove,
    scanned,
)
from models.errors import ConfigError
from models.messages import Message, say

__all__ = ["Kept", "Spool"]

SEGMENTS = 32
"""In so many files a full spool is kept: one of them is what goes when there is no room."""
SEGMENT_BYTES_MIN = 2048
SMALL_BYTES = 65_536
"""A segment of that size whose records are all stored is not written on."""
MEMORY_MAX = 360
"""Records kept while the disk takes none: an hour. Then the oldest go."""


class Spool:
    """Thread-safe. Raises ConfigError when the folder cannot be used or another probe has it."""

    def __init__(self, folder: Path, bytes_max: int) -> None:
        self.folder = folder
        self.bytes_max = bytes_max
        self.dropped_values = self.dropped_records = 0
        """Lost since the start because there was no room for them."""
        self.problem: str | None = None
        """Why the disk takes no record right now; then they wait in memory."""
        self._lock = Lock()
        self._segment_bytes = max(bytes_max // SEGMENTS, SEGMENT_BYTES_MIN)
        self._memory: deque[Kept] = deque()
        self._ends: dict[tuple[str, int], int] = {}
        self._seq = 0
        self._file: int | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own = FileLock(folder / "lock")
            is_ours = self._own.acquire()
            self.probe = _identity(folder / "probe") if is_ours else ""
        except OSError as error:
            raise ConfigError(_cannot_be_used(folder, error)) from error
        if not is_ours:
            raise ConfigError(_in_use(folder))
        earlier = files(folder)
        self._segments = [scanned(path) for path in earlier]
        number = max((int(path.name[:8]) for path in earlier), default=0) + 1
        self._number = number
        self.run = f"{number}-{secrets.token_hex(6)}"
        self._tidy()

    @property
    def size_bytes(self) -> int:
        with self._lock:
            return sum(segment.size for segment in self._segments)

    @property
    def waiting(self) -> int:
        """How many records the hub has not stored yet."""
        with self._lock:
            return sum(len(each.values) for each in self._segments) + len(self._memory)

    def append(self, payload: bytes, values: int) -> None:
        """Keep one record; where the disk does not take it, in memory. Never raises OSError."""
        with self._lock:
            self._seq += 1
            self._memory.append(Kept(self.run, self._seq, values, payload))
            self._write_down()
            while len(self._memory) > MEMORY_MAX:
                self._count_dropped([self._memory.popleft().values])

    def oldest(self, count_max: int, bytes_max: int) -> list[Kept]:
        """The first records that wait, all of one run; at least one where there is any."""
        with self._lock:
            for segment in self._segments:
                if segment.values:
                    found = self._read(segment, count_max, bytes_max)
                    if found:
                        return found
            return first(self._memory, count_max, bytes_max)

    def stored(self, run: str, seq: int) -> None:
        """The hub has stored everything of the run up to that number: it need not be kept."""
        with self._lock:
            while self._memory and self._memory[0].run == run and self._memory[0].seq <= seq:
                self._memory.popleft()
            for segment in self._segments:
                if segment.run == run and any(each <= seq for each in segment.values):
                    self._acknowledge(segment, seq)
            self._ends.clear()
            self._tidy()

    def drop(self, run: str, seq: int) -> None:
        """Give up one record that the hub will never take; it counts as lost."""
        with self._lock:
            self.dropped_records += 1
        self.stored(run, seq)

    def close(self) -> None:
        with self._lock:
            self._close_file()
            self._tidy()
            self._own.release()

    # --- writing, always with the lock -----------------------------------------------------

    def _write_down(self) -> None:
        """Bring what waits in memory to the disk, as far as it takes it."""
        try:
            while self._memory:
                kept = self._memory[0]
                segment = self._active()
                append(self._opened(segment), segment, RECORD, kept)
                segment.last_seq = kept.seq
                segment.values[kept.seq] = kept.values
                self._memory.popleft()
                self._make_room()
            self.problem = None
        except OSError as error:
            self.problem = error.strerror or str(error)

    def _active(self) -> Segment:
        last = self._segments[-1] if self._segments else None
        if last is not None and last.run == self.run:
            is_done = not last.values and last.size >= SMALL_BYTES
            if last.size < self._segment_bytes and not is_done:
                return last
        self._close_file()
        path = self.folder / f"{self._number:08d}-{self._memory[0].seq:012d}.{self.run}.spool"
        fresh = Segment(path, self.run)
        self._opened(fresh)
        self._segments.append(fresh)
        self._tidy()
        return fresh

    def _opened(self, segment: Segment) -> int:
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._file = os.open(segment.path, flags, 0o600)
            # Somebody may have removed the file or its folder meanwhile.
            segment.size = os.fstat(self._file).st_size
            segment.read_from = min(segment.read_from, segment.size)
        return self._file

    def _close_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _acknowledge(self, segment: Segment, seq: int) -> None:
        segment.stored_seq = max(segment.stored_seq, min(seq, segment.last_seq))
        segment.read_from = self._ends.get((segment.run, seq), segment.read_from)
        for number in [each for each in segment.values if each <= seq]:
            del segment.values[number]
        if segment.values or segment is self._segments[-1]:
            # Only saves work after a restart: the hub knows what it has.
            with suppress(OSError):
                append_mark(segment)

    def _make_room(self) -> None:
        while len(self._segments) > 1 and sum(s.size for s in self._segments) > self.bytes_max:
            oldest = self._segments.pop(0)
            self._count_dropped(oldest.values.values())
            remove(oldest.path)

    def _count_dropped(self, values: Iterable[int]) -> None:
        counts = list(values)
        self.dropped_records += len(counts)
        self.dropped_values += sum(counts)

    def _tidy(self) -> None:
        """Remove segments whose records are all stored; the one that is written stays."""
        last = self._segments[-1] if self._segments and self._file is not None else None
        for segment in [s for s in self._segments if not s.values and s is not last]:
            self._segments.remove(segment)
            remove(segment.path)

    def _read(self, segment: Segment, count_max: int, bytes_max: int) -> list[Kept]:
        waiting: list[Kept] = []
        try:
            data = segment.path.read_bytes()
        except OSError:
            data = b""
        size = 0
        for found in records(data, segment.read_from):
            if found.kind != RECORD or found.seq not in segment.values:
                continue
            size += len(found.payload)
            if waiting and (size > bytes_max or len(waiting) >= count_max):
                return waiting
            waiting.append(Kept(segment.run, found.seq, found.values, found.payload))
            self._ends[segment.run, found.seq] = found.end
        if not waiting:
            # Everything that should be here is damaged or gone.
            self._count_dropped(segment.values.values())
            segment.values.clear()
        return waiting


def _identity(path: Path) -> str:
    """Which spool this is: made once, then read."""
    known = path.read_text().strip() if path.exists() else ""
    if len(known) == 16 and known.isalnum():
        return known
    fresh = secrets.token_hex(8)
    path.write_text(f"{fresh}\n")
    return fresh


def _cannot_be_used(folder: Path, error: OSError) -> Message:
    return say(
        "{folder} cannot be used as the spool ({reason}): name a folder that this user may write "
        "to with --spool, for example --spool /var/tmp/sallim-probe",
        folder=str(folder),
        reason=error.strerror or str(error),
    )


def _in_use(folder: Path) -> Message:
    return say(
        "another probe is running with the spool {folder}: end it first, or name another folder "
        "with --spool",
        folder=str(folder),
    )
