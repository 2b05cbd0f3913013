"""A machine with fixed answers where psutil would be asked."""

import threading
from dataclasses import dataclass, field

from models.host import CpuTimes, Mount, Space

IDLE_AT_START = CpuTimes(100.0, 50.0, 0.0, 10.0, 0.0, 1.0, 4.0, 1000.0)
ROOT_ONLY = [Mount("/dev/vda1", "/", "ext4")]


@dataclass
class CannedMachine:
    """`spaces` by mountpoint; an OSError is raised, and None waits for `release`."""

    times: CpuTimes = IDLE_AT_START
    cpus: int | None = 1
    mounted: list[Mount] = field(default_factory=lambda: list(ROOT_ONLY))
    spaces: dict[str, Space | OSError | None] = field(
        default_factory=lambda: {"/": Space(30_000_000_000, 10_000_000_000)}
    )
    release: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)

    def cpu_times(self) -> CpuTimes:
        return self.times

    def logical_cpus(self) -> int | None:
        return self.cpus

    def mounts(self) -> list[Mount]:
        return self.mounted

    def space(self, mountpoint: str) -> Space | None:
        self.asked.append(mountpoint)
        answer = self.spaces[mountpoint]
        if isinstance(answer, OSError):
            raise answer
        if answer is None:
            self.release.wait(30)
            return Space(1, 1)
        return answer
