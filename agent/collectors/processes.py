"""The processes that use most CPU and memory, by systemd unit where there is one.

/proc/<pid>/stat is read directly: one small file a process and round, and a unit only when a
process is new, which costs a tenth of what psutil needs for the same.
"""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from agent.kernel_files import content, content_if_any
from models.messages import say
from models.monitoring import Absent, Labels, Reading
from models.processes import (
    KERNEL_GROUP,
    GroupUse,
    ProcessUse,
    Stat,
    group_of,
    grouped,
    largest_groups,
    largest_processes,
    parse_stat,
)

UNIT_LOOKS = 2
"""A service's process may be seen between its fork and its move to its unit: look once more."""


@dataclass(slots=True)
class _Known:
    """What the last scan saw of a process; its start tells a reused number from the old one."""

    name: str
    started_ticks: int
    cpu_ticks: int
    group: str
    looks: int


class _Scan(NamedTuple):
    """When the last scan began; `uptime_seconds` is on the clock of `started_ticks`."""

    monotonic_seconds: float
    uptime_seconds: float


class ProcessesCollector:
    """Processes that end while they are read are left out; those that may not be read count."""

    name = "processes"

    def __init__(self, top_n: int = 10, *, proc: Path = Path("/proc")) -> None:
        self._top_n = top_n
        self._proc = str(proc)
        self._ticks_per_second = os.sysconf("SC_CLK_TCK")
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._known: dict[int, _Known] = {}
        self._last: _Scan | None = None
        self._latest: list[ProcessUse] = []

    def top(self) -> list[ProcessUse]:
        """The largest processes of the last reading, by CPU and then by memory."""
        return largest_processes(self._latest, self._top_n)

    def collect(self, monotonic_seconds: float) -> list[Reading] | Absent:
        scan = _Scan(monotonic_seconds, self._uptime_seconds())
        stats = self._stats()
        if not stats:
            return Absent(say("{path} shows no processes", path=self._proc))
        uses = self._uses(stats, monotonic_seconds)
        self._last = scan
        self._latest = uses
        groups = largest_groups(grouped(uses), self._top_n)
        return [
            Reading("system.process.count", len(stats)),
            *(reading for group in groups for reading in _readings(group)),
        ]

    def _uptime_seconds(self) -> float:
        text = content_if_any(f"{self._proc}/uptime")
        return float(text.split()[0]) if text else math.inf

    def _stats(self) -> list[tuple[int, Stat | None]]:
        """Every process that is there; None for one that may not be read."""
        stats: list[tuple[int, Stat | None]] = []
        for pid in _pids(self._proc):
            try:
                stats.append((pid, parse_stat(content(f"{self._proc}/{pid}/stat"))))
            except (FileNotFoundError, ProcessLookupError):
                continue
            except OSError:
                stats.append((pid, None))
        return stats

    def _uses(
        self, stats: list[tuple[int, Stat | None]], monotonic_seconds: float
    ) -> list[ProcessUse]:
        elapsed = monotonic_seconds - self._last.monotonic_seconds if self._last else 0.0
        elapsed_ticks = elapsed * self._ticks_per_second
        known: dict[int, _Known] = {}
        uses = []
        for pid, stat in stats:
            if stat is None:
                continue
            before = self._known.get(pid)
            if before is not None and before.started_ticks != stat.started_ticks:
                before = None
            known[pid] = after = self._seen(pid, stat, before)
            ticks = self._ticks_since(stat, before)
            cpu = None if ticks is None or elapsed_ticks <= 0 else ticks / elapsed_ticks
            memory = stat.resident_pages * self._page_bytes
            uses.append(ProcessUse(pid, stat.name, after.group, cpu, memory))
        self._known = known
        return uses

    def _ticks_since(self, stat: Stat, before: _Known | None) -> int | None:
        """CPU time since the last scan; one that began since then spent all of its own.

        None for one that was there before and is seen for the first time.
        """
        if before is not None:
            grown = stat.cpu_ticks - before.cpu_ticks
            return grown if grown >= 0 else None
        started_seconds = stat.started_ticks / self._ticks_per_second
        is_new = self._last is not None and started_seconds >= self._last.uptime_seconds
        return stat.cpu_ticks if is_new else None

    def _seen(self, pid: int, stat: Stat, before: _Known | None) -> _Known:
        looks = before.looks if before is not None and before.name == stat.name else 0
        if before is not None and looks >= UNIT_LOOKS:
            group = before.group
        elif stat.is_kernel_thread:
            group = KERNEL_GROUP
        else:
            group = group_of(content_if_any(f"{self._proc}/{pid}/cgroup") or "", stat.name)
        return _Known(stat.name, stat.started_ticks, stat.cpu_ticks, group, looks + 1)


def _pids(proc: str) -> list[int]:
    try:
        with os.scandir(proc) as entries:
            return [int(entry.name) for entry in entries if entry.name.isdecimal()]
    except OSError:
        return []


def _readings(group: GroupUse) -> list[Reading]:
    labels: Labels = (("process.group", group.group),)
    return [
        Reading("process.cpu.utilization", group.cpu_utilization, labels),
        Reading("process.memory.usage", group.memory_bytes, labels),
        Reading("process.count", group.count, labels),
    ]
