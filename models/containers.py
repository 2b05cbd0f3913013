"""Control groups: whose limits are the machine's, and whether they or the host are the headline.

A program in a container sees the host's /proc. What its owner pays for and can run out of is
the control group, so that is the machine. But the agent's own unit is a control group too, and
its limits are the agent's alone: a machine of 2 GB is not one of 300 MB because its agent is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_CONTAINER = re.compile(
    r"(?:docker|libpod|cri-containerd|crio|nerdctl|podman|machine)-.+\.scope|lxc\.payload\..+"
)
_SYSTEMD_UNIT = re.compile(r".+\.(?:slice|service|scope)")


def levels_of_machine(path: str) -> list[str]:
    """Groups whose limits hold for the whole machine, outermost first; "" is the visible root.

    `path` is as in /proc/self/cgroup. A container's group and all above it count, the units that
    systemd makes on a host or within a container do not. Of groups that somebody made by hand,
    all count.

    >>> levels_of_machine("/")
    ['']
    >>> levels_of_machine("/system.slice/sallim-agent.service")
    ['']
    >>> levels_of_machine("/kubepods.slice/cri-containerd-5f2e.scope/worker")
    ['', '/kubepods.slice', '/kubepods.slice/cri-containerd-5f2e.scope']
    >>> levels_of_machine("/lxc/web/system.slice/sallim-agent.service")
    ['', '/lxc', '/lxc/web']
    """
    parts = [part for part in path.split("/") if part]
    if ".." in parts:  # The process was moved out of the namespace it sees.
        return [""]
    containers = [depth for depth, part in enumerate(parts) if _CONTAINER.fullmatch(part)]
    units = [depth for depth, part in enumerate(parts) if _SYSTEMD_UNIT.fullmatch(part)]
    outermost_unit = units[0] if units else len(parts)
    deepest = containers[-1] + 1 if containers else outermost_unit
    return ["".join(f"/{part}" for part in parts[:depth]) for depth in range(deepest + 1)]


def paths_by_controller(text: str) -> dict[str, str]:
    r"""Read /proc/<pid>/cgroup; the unified hierarchy of version 2 has the name "".

    >>> paths_by_controller("4:memory:/docker/5f2e\n1:cpu,cpuacct:/\n0::/init.scope\n")
    {'memory': '/docker/5f2e', 'cpu': '/', 'cpuacct': '/', '': '/init.scope'}
    """
    paths: dict[str, str] = {}
    for line in text.splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        paths |= dict.fromkeys(controllers.split(","), path)
    return paths


def cpus_of_max(text: str | None) -> float | None:
    r"""CPUs that a `cpu.max` of version 2 allows; None where it sets no limit.

    >>> cpus_of_max("150000 100000\n"), cpus_of_max("max 100000\n"), cpus_of_max(None)
    (1.5, None, None)
    """
    quota, _, period = (text or "").strip().partition(" ")
    return int(quota) / int(period or 100_000) if quota.isdecimal() else None


def cpus_of_quota(quota: int | None, period: int | None) -> float | None:
    """CPUs that a CFS quota of version 1 allows; -1 is no limit."""
    return quota / period if quota and period and quota > 0 else None


UNLIMITED_BYTES = 1 << 60
"""Version 1 says "no limit" as the largest number of pages, 9223372036854771712 bytes."""


def bytes_of_limit(number: int | None) -> int | None:
    """A memory limit, or None where it sets none ("max" is no number and comes as None)."""
    return None if number is None or number >= UNLIMITED_BYTES else number


def tightest(levels: Iterable[tuple[str, float | None]]) -> tuple[str, float | None] | None:
    """The level (folder, limit) that runs out first; without any limit, the innermost.

    >>> tightest([("pod", 2.0), ("container", None)])
    ('pod', 2.0)
    >>> tightest([("pod", None), ("container", None)])
    ('container', None)
    """
    levels = list(levels)
    limited = [(limit, folder) for folder, limit in levels if limit is not None]
    if limited:
        limit, folder = min(limited, key=lambda level: level[0])
        return folder, limit
    return levels[-1] if levels else None


@dataclass(frozen=True, slots=True)
class GroupState:
    """What a control group says of itself; None where it does not say.

    `cpu_seconds`, `periods`, `throttled` and `oom_kills` are counters.
    """

    cpu_limit: float | None = None
    cpu_seconds: float | None = None
    periods: int | None = None
    throttled: int | None = None
    memory_limit: int | None = None
    memory_used: int | None = None
    memory_inactive_file: int | None = None
    oom_kills: int | None = None

    @property
    def working_set(self) -> int | None:
        """Bytes that cannot be had back without harm: used less the cache that nobody reads."""
        if self.memory_used is None:
            return None
        return max(0, self.memory_used - (self.memory_inactive_file or 0))


@dataclass(frozen=True, slots=True)
class Headline:
    """The one figure of a resource: `used` of `limit`, in CPUs or bytes; None is a gap."""

    used: float | None
    limit: float

    @property
    def utilization(self) -> float | None:
        if self.used is None or self.limit <= 0:
            return None
        return min(self.used / self.limit, 1.0)


def headline(host: Headline, used: float | None, limit: float | None) -> Headline:
    """The group's figure where its limit is below the host's, else the host's.

    A limited group that does not say what it uses has a gap: the host's use is not its use.

    >>> headline(Headline(1.0, 4.0), used=0.4, limit=0.5)
    Headline(used=0.4, limit=0.5)
    >>> headline(Headline(1.0, 4.0), used=0.4, limit=8.0)
    Headline(used=1.0, limit=4.0)
    """
    return host if limit is None or limit >= host.limit else Headline(used, limit)
