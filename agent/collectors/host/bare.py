"""What the sensors ask of a machine, out of the kernel's files alone: a probe has no psutil."""

import os
import re
from pathlib import Path

from agent.kernel_files import content, content_if_any
from models.host import CpuTimes, Mount, Space

_ESCAPE = re.compile(r"\\([0-7]{3})")
"""How the kernel writes spaces and the like into its list of mounts."""


class BareMachine:
    """Answers as `ThisMachine` does; a test holds the two against each other."""

    def __init__(self, proc: str = "/proc") -> None:
        self._proc = proc
        self._ticks_per_second = os.sysconf("SC_CLK_TCK")

    def cpu_times(self) -> CpuTimes:
        line = content(f"{self._proc}/stat").split("\n", 1)[0].split()[1:9]
        seconds = [int(ticks) / self._ticks_per_second for ticks in line]
        user, nice, system, idle, iowait, irq, softirq, steal = seconds
        return CpuTimes(user, system, nice, iowait, irq, softirq, steal, idle)

    def logical_cpus(self) -> int | None:
        return os.cpu_count()

    def mounts(self) -> list[Mount]:
        text = content_if_any(f"{self._proc}/self/mounts") or ""
        lines = [line.split(" ") for line in text.splitlines()]
        return [Mount(*map(_unescaped, parts[:3])) for parts in lines if len(parts) > 3]

    def space(self, mountpoint: str) -> Space | None:
        if not Path(mountpoint).is_dir():
            return None
        found = os.statvfs(mountpoint)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        return Space(used, found.f_bavail * found.f_frsize)


def _unescaped(text: str) -> str:
    r"""The text as it was before the kernel wrote it into a line.

    >>> _unescaped(r"/mnt/my\040disk")
    '/mnt/my disk'
    """
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)
