"""File systems of a test's own; mounting needs root, as the tests of a service do."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk_at(folder: Path) -> Iterator[Path]:
    """One of 1 MB."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def remount(folder: Path, how: str) -> None:
    """`ro` or `rw`."""
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


def fill(folder: Path) -> Path:
    """To the last block; the file that does it."""
    free = os.statvfs(folder)
    filling = folder / "filling"
    filling.write_bytes(b"x" * (free.f_bavail * free.f_frsize))
    return filling
