"""Idle processes under names of their own: they stand for the services of a busier machine."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def services(folder: Path, count: int) -> Iterator[None]:
    """`count` processes that sleep, named service-00, service-01 ... Stopped by process id."""
    sleep = shutil.which("sleep")
    if sleep is None:
        raise SystemExit("the program `sleep` is missing: install coreutils")
    started: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(count):
            link = folder / f"service-{number:02}"
            link.symlink_to(sleep)
            started.append(subprocess.Popen([str(link), "100000"]))
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()
