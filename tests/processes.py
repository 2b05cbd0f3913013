"""Starting the real agent for tests, and ending it by its own pid."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from data.home import Home
from data.reader import Reader

ROOT = Path(__file__).parents[1]
START_SECONDS = 90.0
T = TypeVar("T")


def until(found: Callable[[], T | None], seconds: float = START_SECONDS) -> T:
    """Ask again and again until there is an answer; fail when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{found} gave nothing within {seconds} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environ_of(home: Home, **extra: str) -> dict[str, str]:
    """The environment of this test run, pointed at a scratch home and free of settings files."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SALLIM_")}
    kept.pop("NOTIFY_SOCKET", None)
    return {**kept, "SALLIM_HOME": str(home.path), "SALLIM_CONFIG": "", **extra}


def start_agent(home: Home, **extra: str) -> subprocess.Popen[bytes]:
    home.make()
    log = (home.path / "agent.log").open("ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "agent", "run"],
            cwd=ROOT,
            env=environ_of(home, **extra),
            stderr=log,
        )


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    """End what we started, and give its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
    try:
        return process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def log_of(home: Home) -> str:
    return (home.path / "agent.log").read_text(errors="replace")


@contextmanager
def running_agent(home: Home, **extra: str) -> Iterator[tuple[subprocess.Popen[bytes], Reader]]:
    """The agent on a scratch home, from the moment it answers."""
    process = start_agent(home, **extra)
    reader = Reader(home)
    try:
        until(lambda: process.poll() is not None or reader.health())
        assert process.poll() is None, log_of(home)
        yield process, reader
    finally:
        stop(process)
