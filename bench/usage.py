"""What a process and all its descendants use, from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

from bench.processes import cpu_seconds, memory_bytes

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums over a process tree; CPU and counts since the start, memory now."""

    cpu_seconds: float = 0.0
    pss_bytes: int = 0
    rss_bytes: int = 0
    written_bytes: int = 0
    switches: int = 0
    """Voluntary context switches: how often it went to sleep, so how often it was woken."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.cpu_seconds + other.cpu_seconds,
            self.pss_bytes + other.pss_bytes,
            self.rss_bytes + other.rss_bytes,
            self.written_bytes + other.written_bytes,
            self.switches + other.switches,
        )

    def since(self, before: "Usage") -> "Usage":
        """What was used between the two; memory as it is now."""
        return Usage(
            self.cpu_seconds - before.cpu_seconds,
            self.pss_bytes,
            self.rss_bytes,
            self.written_bytes - before.written_bytes,
            self.switches - before.switches,
        )

    def joined(self, later: "Usage") -> "Usage":
        """Two stretches of time as one: memory is the larger of the two."""
        return Usage(
            self.cpu_seconds + later.cpu_seconds,
            max(self.pss_bytes, later.pss_bytes),
            max(self.rss_bytes, later.rss_bytes),
            self.written_bytes + later.written_bytes,
            self.switches + later.switches,
        )


def usage_of_tree(pid: int) -> Usage:
    """A child that ends and is waited for stays in the sum, in its parent's share.

    The living are counted in nanoseconds (threads that ended, too), the dead in clock ticks.
    """
    total = Usage()
    for member in tree(pid):
        try:
            total += _usage(member)
        except (OSError, KeyError):
            continue  # It ended meanwhile; its parent has its CPU time.
    return total


def tree(pid: int) -> list[int]:
    """The process and its descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(stat_of(int(entry.name))[1])
            except (OSError, IndexError):
                continue
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def _usage(pid: int) -> Usage:
    proc = Path(f"/proc/{pid}")
    stat = stat_of(pid)
    reaped_seconds = (int(stat[13]) + int(stat[14])) * TICK_SECONDS
    return Usage(
        cpu_seconds=cpu_seconds(pid) + reaped_seconds,
        pss_bytes=memory_bytes(pid, "Pss"),
        rss_bytes=memory_bytes(pid, "Rss"),
        written_bytes=_number(proc / "io", "write_bytes"),
        switches=sum(
            _number(task / "status", "voluntary_ctxt_switches")
            for task in (proc / "task").iterdir()
        ),
    )


def stat_of(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat from the third on: the second may contain spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _number(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise KeyError(name)


def mapped(pid: int, names: tuple[str, ...]) -> list[str]:
    """Which of these Python packages have a library mapped into the process."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return [name for name in names if f"/site-packages/{name}" in maps]
