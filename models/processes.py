"""Processes: what a line of the kernel says, which unit a process belongs to, which are shown."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.containers import paths_by_controller

KERNEL_GROUP = "[kernel]"
_KERNEL_THREAD = 0x0020_0000
"""PF_KTHREAD in the flags of a process."""


class Stat(NamedTuple):
    """Of /proc/<pid>/stat. Ticks are of 1 / SC_CLK_TCK s; `started_ticks` count from boot."""

    name: str
    is_kernel_thread: bool
    cpu_ticks: int
    started_ticks: int
    resident_pages: int


def parse_stat(text: str) -> Stat | None:
    """None for a torn line. A name may hold anything, also spaces, ")" and line ends.

    >>> parse_stat("7 (a) b (c)) S 1 7 7 0 -1 0 0 0 0 0 30 12 0 0 20 0 1 0 99 4096 5 0")
    Stat(name='a) b (c)', is_kernel_thread=False, cpu_ticks=42, started_ticks=99, resident_pages=5)
    """
    opened, closed = text.find("("), text.rfind(")")
    fields = text[closed + 2 :].split(None, 22)
    if opened < 0 or len(fields) < 22:
        return None
    name = text[opened + 1 : closed]
    if not name.isprintable():
        name = "".join(sign if sign.isprintable() else "?" for sign in name)
    return Stat(
        name,
        bool(int(fields[6]) & _KERNEL_THREAD),
        int(fields[11]) + int(fields[12]),
        int(fields[19]),
        int(fields[21]),
    )


_UNIT = re.compile(r".+\.(?:service|scope)")
_CONTAINER_ID = re.compile(r"(?P<runtime>.+)-(?P<id>[0-9a-f]{12})[0-9a-f]{20,}\.scope")
_RANDOM_END = re.compile(
    r"[-@](?:[ru]?[0-9a-f]{12,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|u?\d+)"
    r"(?=\.(?:service|scope)$)"
)
_TRANSIENT = re.compile(r"(?:run|app|vte-spawn|tmux-spawn|snap)[-.].+|.+\.scope")


def group_of(cgroup: str, name: str) -> str:
    r"""The systemd unit of a process, by its /proc/<pid>/cgroup; its name where there is none.

    Names that are new at each start (sessions, transient scopes) would make a new series each
    time: a session is its user's slice, a container has the twelve digits that `docker ps`
    shows, other random ends are cut off.

    >>> group_of("0::/system.slice/postgresql@16-main.service\n", "postgres")
    'postgresql@16-main.service'
    >>> group_of("0::/user.slice/user-1000.slice/session-5.scope\n", "bash")
    'user-1000.slice'
    >>> group_of("0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", "systemd")
    'user@1000.service'
    >>> group_of("0::/\n", "node")
    'node'
    """
    paths = paths_by_controller(cgroup)
    for hierarchy in ("", "name=systemd"):
        parts = paths.get(hierarchy, "").split("/")
        for depth in range(len(parts) - 1, -1, -1):
            if _UNIT.fullmatch(parts[depth]):
                return _stable(parts[depth], parts[depth - 1]) or name
    return name


def _stable(unit: str, parent: str) -> str | None:
    """The unit by a name that outlives a restart; None where its name says nothing."""
    if unit == "init.scope":
        return parent or unit
    if unit.startswith("session-") and parent.endswith(".slice"):
        return parent
    container = _CONTAINER_ID.fullmatch(unit)
    if container is not None:
        return f"{container['runtime']}-{container['id']}"
    if not _TRANSIENT.fullmatch(unit):
        return unit
    stable = _RANDOM_END.sub("", unit)
    return None if stable in {"run.service", "run.scope"} else stable


class ProcessUse(NamedTuple):
    """`cpu_utilization` 1.0 is one CPU, None before a second look; memory is resident bytes."""

    pid: int
    name: str
    group: str
    cpu_utilization: float | None
    memory_bytes: int


@dataclass(slots=True)
class GroupUse:
    """The same, summed over a group of `count` processes."""

    group: str
    cpu_utilization: float | None = None
    memory_bytes: int = 0
    count: int = 0


def grouped(uses: Iterable[ProcessUse]) -> list[GroupUse]:
    groups: dict[str, GroupUse] = {}
    for _, _, name, cpu, memory in uses:
        group = groups.get(name)
        if group is None:
            group = groups[name] = GroupUse(name)
        if cpu is not None:
            group.cpu_utilization = cpu + (group.cpu_utilization or 0.0)
        group.memory_bytes += memory
        group.count += 1
    return list(groups.values())


def largest_groups(groups: Sequence[GroupUse], n: int) -> list[GroupUse]:
    """The first n by CPU, then those of the first n by memory that are not among them."""
    return [groups[at] for at in _largest([(g.cpu_utilization, g.memory_bytes) for g in groups], n)]


def largest_processes(uses: Sequence[ProcessUse], n: int) -> list[ProcessUse]:
    """The first n by CPU, then those of the first n by memory that are not among them."""
    return [uses[at] for at in _largest([use[3:] for use in uses], n)]


def _largest(uses: Sequence[tuple[float | None, int]], n: int) -> list[int]:
    """Indexes. What used none of it is not among the first of it."""
    by_cpu = sorted(
        (at for at, (cpu, _) in enumerate(uses) if cpu), key=lambda at: -(uses[at][0] or 0.0)
    )
    by_memory = sorted(
        (at for at, (_, memory) in enumerate(uses) if memory), key=lambda at: -uses[at][1]
    )
    return list(dict.fromkeys([*by_cpu[:n], *by_memory[:n]]))
