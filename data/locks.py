"""File locks between processes: the kernel gives them back when their holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

POLL_SECONDS = 0.02


class FileLock:
    """An exclusive `flock` on one file; the file stays behind, empty or with a process id.

    Whoever may read the file may lock it, too, and keep everybody else waiting.
    """

    def __init__(self, path: Path, mode: int = 0o600) -> None:
        self.path = path
        self._mode = mode
        self._descriptor: int | None = None

    def acquire(self, timeout_seconds: float = 0.0) -> bool:
        """Take the lock, waiting up to the timeout. False: somebody else holds it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, self._mode)
        if _flock(descriptor, fcntl.LOCK_EX, timeout_seconds):
            self._descriptor = descriptor
            return True
        os.close(descriptor)
        return False

    def write(self, text: str) -> None:
        """Leave a text in the locked file, for whoever finds it locked."""
        assert self._descriptor is not None, "only the holder writes"
        # A full disk has no room for the process id; the lock itself needs none.
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, text.encode(), 0)

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def shared(path: Path, timeout_seconds: float) -> Iterator[bool]:
    """Hold a shared lock while the body runs; yields False when it could not be had in time.

    A file that is missing or not ours to read cannot be locked; then nobody is asked and the
    answer is True: the file that the lock protects has a lock of its own.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield True
        return
    try:
        yield _flock(descriptor, fcntl.LOCK_SH, timeout_seconds)
    finally:
        os.close(descriptor)


def holder_of(path: Path) -> int | None:
    """The process that holds this lock, where one does and has left its id in the file."""
    with shared(path, timeout_seconds=0) as is_free:
        if is_free:
            return None
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _flock(descriptor: int, kind: int, timeout_seconds: float) -> bool:
    until = time.monotonic() + timeout_seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True
