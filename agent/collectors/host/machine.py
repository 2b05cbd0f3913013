"""What psutil knows better than a file: CPU times, mounts, space."""

from pathlib import Path
from typing import Protocol

from models.host import CpuTimes, Mount, Space


class Machine(Protocol):
    """What the sensors ask of a machine besides its files."""

    def cpu_times(self) -> CpuTimes: ...
    def logical_cpus(self) -> int | None: ...
    def mounts(self) -> list[Mount]: ...
    def space(self, mountpoint: str) -> Space | None:
        """None where this is not a folder. Raises OSError, and hangs as long as a dead server."""


class ThisMachine:
    """Reads the machine the agent runs on.

    With `procfs` (the host's /proc as a container sees it) CPU times are the host's; psutil keeps
    that path for the whole process.
    """

    def __init__(self, procfs: str | None = None) -> None:
        import psutil

        self._psutil = psutil
        if procfs is not None:
            psutil.PROCFS_PATH = procfs

    def cpu_times(self) -> CpuTimes:
        times = self._psutil.cpu_times()
        return CpuTimes(*(getattr(times, mode, 0.0) for mode in CpuTimes._fields))

    def logical_cpus(self) -> int | None:
        return self._psutil.cpu_count()

    def mounts(self) -> list[Mount]:
        return [
            Mount(mount.device, mount.mountpoint, mount.fstype)
            for mount in self._psutil.disk_partitions(all=True)
        ]

    def space(self, mountpoint: str) -> Space | None:
        # Containers have single files mounted (/etc/hosts) that belong to the disk below.
        if not Path(mountpoint).is_dir():
            return None
        usage = self._psutil.disk_usage(mountpoint)
        return Space(usage.used, usage.free)
