"""Checks of what Sallim stands on: Python, its packages, the clock, the time zones."""

import ctypes
import platform
import re
import sys
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from agent.checks import Finding, absent, ok, problem
from models.settings import Settings

PYTHON_LEAST = (3, 11)
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(\s*;)?")
"""A pin that depends on the machine or on Python has a marker, which is not judged here."""
# Bytes of `struct timex` on every 64-bit Linux; the kernel writes into it.
TIMEX_BYTES = 208
CLOCK_UNSYNCHRONISED = 5
"""What the kernel answers (TIME_ERROR) when nobody corrects the clock."""


def python_version(version: tuple[int, ...] = sys.version_info[:2]) -> list[Finding]:
    if version < PYTHON_LEAST:
        least = ".".join(str(part) for part in PYTHON_LEAST)
        text = f"{platform.python_version()} is too old; install Python {least} or newer"
        return [problem("python", f"{text}, remove .venv, then `make run`")]
    return [ok("python", platform.python_version())]


def packages(
    requirements: Path, installed: Callable[[str], str] = metadata.version
) -> list[Finding]:
    """What `requirements` pins against what is there: another version was never tested."""
    try:
        lines = requirements.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        text = f"{requirements} cannot be read ({error.strerror}); nothing was compared"
        return [absent("packages", text)]
    pins = [match.group(1, 2) for match in map(PIN.match, lines) if match and not match.group(3)]
    wrong = [found for name, wanted in pins if (found := _differs(name, wanted, installed))]
    if wrong:
        text = f"{'; '.join(wrong)}; install what is pinned: `make run` does"
        return [problem("packages", text)]
    return [ok("packages", f"{len(pins)} in the versions of {requirements.name}")]


def _differs(name: str, wanted: str, installed: Callable[[str], str]) -> str | None:
    try:
        there = installed(name)
    except metadata.PackageNotFoundError:
        return f"{name} {wanted} is missing"
    return None if there == wanted else f"{name} is {there}, not {wanted}"


def clock(now: float, newest_code: Path, kernel: Callable[[], int | None]) -> list[Finding]:
    """The wall clock against the age of our own files, and whether somebody keeps it.

    `kernel` is what `kernel_clock` answers.
    """
    shown = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if now < newest_code.stat().st_mtime - 86_400:
        text = f"{shown} is before this version was installed; set the clock"
        return [problem("clock", f"{text}, for example with `timedatectl set-ntp true`")]
    state = kernel()
    if state is None:
        return [ok("clock", f"{shown}; whether a time service keeps it cannot be seen here")]
    if state == CLOCK_UNSYNCHRONISED:
        text = f"{shown}, and no time service keeps it right; switch one on"
        return [absent("clock", f"{text}, for example with `timedatectl set-ntp true`")]
    return [ok("clock", f"{shown}, kept by a time service")]


def kernel_clock() -> int | None:
    """The state of the kernel's clock; None where it may not be asked."""
    try:
        state = ctypes.CDLL(None).ntp_adjtime(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return state if state >= 0 else None


def time_zone(settings: Settings) -> list[Finding]:
    name = settings.house.timezone
    try:
        zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError:
        text = f"this machine does not know {name}; install its time zones"
        return [problem("time zone", f"{text}, for example `apt install tzdata`")]
    return [ok("time zone", name)]
