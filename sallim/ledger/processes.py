"""Which process did it, told so that the number of another one is never taken for it.

A pid is used again after its process has ended, counts apart in every container, and starts anew
at a reboot. So a process is named by the boot, the pid namespace and its start in clock ticks.
"""

from __future__ import annotations

import os

GONE_STATES = ("Z", "X")
"""Ended, and only waiting to be collected by its parent."""
STATE_FIELD, START_FIELD = 0, 19
"""In /proc/<pid>/stat, counted after the name of the program."""

_known = (0, "")


def own_process() -> str:
    """`boot/namespace/start` of this process; "" where the kernel has no /proc."""
    global _known  # noqa: PLW0603 it changes with each fork, and asking takes 50 µs
    pid = os.getpid()
    if _known[0] != pid:
        _known = (pid, _read())
    return _known[1]


def can_be_seen(process: str) -> bool:
    """Whether that process runs, or ran, where this one can look for it."""
    return bool(process) and _parts(process)[:2] == _parts(own_process())[:2]


def is_gone(pid: int, process: str, same_host: bool) -> bool:
    """Whether that process has ended for sure. False where it cannot be known from here."""
    if pid > 0 and can_be_seen(process):
        return _has_ended(pid, _parts(process)[2])
    here = own_process()
    # Before the last reboot of this machine.
    return bool(process and here) and same_host and _parts(process)[0] != _parts(here)[0]


def _has_ended(pid: int, start: str) -> bool:
    try:
        # Nothing is sent. This sees a process also where /proc shows only one's own (hidepid).
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        pass
    fields = _stat_fields(str(pid))
    if not fields:
        return False
    return fields[START_FIELD] != start or fields[STATE_FIELD] in GONE_STATES


def _parts(process: str) -> tuple[str, str, str]:
    boot, _, rest = process.partition("/")
    namespace, _, start = rest.partition("/")
    return boot, namespace, start


def _read() -> str:
    fields = _stat_fields("self")
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:  # noqa: PTH123
            boot = file.read(8)
        namespace = os.readlink("/proc/self/ns/pid").strip("pid:[]")  # noqa: PTH115
    except OSError:
        return ""
    return f"{boot}/{namespace}/{fields[START_FIELD]}" if fields else ""


def _stat_fields(pid: str) -> list[str]:
    """The fields after the program's name, which may itself hold blanks and brackets."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    fields = text.rpartition(")")[2].split()
    return fields if len(fields) > START_FIELD else []
