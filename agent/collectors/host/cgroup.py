"""The control group that is this machine, when it runs in a container: limits and use."""

from dataclasses import dataclass
from pathlib import Path

from agent.kernel_files import content_if_any, number, table
from models.containers import (
    GroupState,
    bytes_of_limit,
    cpus_of_max,
    cpus_of_quota,
    levels_of_machine,
    paths_by_controller,
    tightest,
)

V1_CPU_FOLDERS = ("cpu", "cpu,cpuacct")
V1_USAGE_FOLDERS = ("cpuacct", "cpu,cpuacct")


@dataclass(frozen=True, slots=True)
class Group:
    """Folders by controller, outermost first; none where the machine is not in a group."""

    version: int
    cpu: tuple[str, ...] = ()
    usage: tuple[str, ...] = ()
    memory: tuple[str, ...] = ()

    def state(self) -> GroupState:
        return _state_v2(self) if self.version == 2 else _state_v1(self)


def find_group(proc: Path, sys: Path) -> Group:
    """The group of this process, less what systemd made for the agent alone."""
    paths = paths_by_controller(content_if_any(f"{proc}/self/cgroup") or "")
    root = sys / "fs/cgroup"
    if (root / "cgroup.controllers").exists():
        folders = _existing(root, paths.get("", "/"))
        # A host's root has neither file: it cannot be limited.
        return Group(
            2,
            cpu=tuple(f for f in folders if Path(f, "cpu.max").exists()),
            memory=tuple(f for f in folders if Path(f, "memory.current").exists()),
        )
    return Group(
        1,
        cpu=_of_controller_v1(root, V1_CPU_FOLDERS, paths.get("cpu")),
        usage=_of_controller_v1(root, V1_USAGE_FOLDERS, paths.get("cpuacct")),
        memory=_of_controller_v1(root, ("memory",), paths.get("memory")),
    )


def _existing(root: Path, path: str) -> list[str]:
    """A container often sees its own group as the root, and its host's path leads nowhere."""
    folders = [f"{root}{level}" for level in levels_of_machine(path)]
    return [folder for folder in folders if Path(folder).is_dir()]


def _of_controller_v1(root: Path, names: tuple[str, ...], path: str | None) -> tuple[str, ...]:
    """In version 1 a host's root looks like a group: it counts where it is a container's."""
    if path is None:
        return ()
    base = next((root / name for name in names if (root / name).is_dir()), None)
    if base is None:
        return ()
    is_hosts_root = Path(f"{base}{path}").is_dir()
    folders = _existing(base, path)
    if is_hosts_root and not _limited_v1(folders[0]):
        folders = folders[1:]
    return tuple(folders)


def _limited_v1(folder: str) -> bool:
    return _memory_limit_v1(folder) is not None or _cpu_limit_v1(folder) is not None


def _state_v2(group: Group) -> GroupState:
    cpu = tightest((f, cpus_of_max(content_if_any(f"{f}/cpu.max"))) for f in group.cpu)
    memory = tightest(
        (f, bytes_of_limit(number(content_if_any(f"{f}/memory.max")))) for f in group.memory
    )
    in_use = table(content_if_any(f"{cpu[0]}/cpu.stat")) if cpu else {}
    used_us = in_use.get("usage_usec")
    folder = memory[0] if memory else None
    return GroupState(
        cpu_limit=cpu[1] if cpu else None,
        cpu_seconds=None if used_us is None else used_us / 1e6,
        periods=in_use.get("nr_periods"),
        throttled=in_use.get("nr_throttled"),
        memory_limit=int(memory[1]) if memory and memory[1] is not None else None,
        memory_used=_number_in(folder, "memory.current"),
        memory_inactive_file=_field_in(folder, "memory.stat", "inactive_file"),
        oom_kills=_field_in(folder, "memory.events", "oom_kill"),
    )


def _state_v1(group: Group) -> GroupState:
    cpu = tightest((f, _cpu_limit_v1(f)) for f in group.cpu)
    memory = tightest((f, _memory_limit_v1(f)) for f in group.memory)
    throttling = table(content_if_any(f"{cpu[0]}/cpu.stat")) if cpu else {}
    used_ns = _number_in(_same_level(group, cpu[0] if cpu else None), "cpuacct.usage")
    folder = memory[0] if memory else None
    return GroupState(
        cpu_limit=cpu[1] if cpu else None,
        cpu_seconds=None if used_ns is None else used_ns / 1e9,
        periods=throttling.get("nr_periods"),
        throttled=throttling.get("nr_throttled"),
        memory_limit=int(memory[1]) if memory and memory[1] is not None else None,
        memory_used=_number_in(folder, "memory.usage_in_bytes"),
        memory_inactive_file=_field_in(folder, "memory.stat", "total_inactive_file"),
        oom_kills=_field_in(folder, "memory.oom_control", "oom_kill"),
    )


def _same_level(group: Group, cpu_folder: str | None) -> str | None:
    """The accounting folder of the level whose limit counts; usually both are one hierarchy."""
    if not group.usage:
        return None
    if cpu_folder in group.cpu and len(group.cpu) == len(group.usage):
        return group.usage[group.cpu.index(cpu_folder)]
    return group.usage[-1]


def _cpu_limit_v1(folder: str) -> float | None:
    return cpus_of_quota(
        _number_in(folder, "cpu.cfs_quota_us"), _number_in(folder, "cpu.cfs_period_us")
    )


def _memory_limit_v1(folder: str) -> int | None:
    return bytes_of_limit(_number_in(folder, "memory.limit_in_bytes"))


def _number_in(folder: str | None, name: str) -> int | None:
    return None if folder is None else number(content_if_any(f"{folder}/{name}"))


def _field_in(folder: str | None, name: str, key: str) -> int | None:
    return None if folder is None else table(content_if_any(f"{folder}/{name}")).get(key)
