"""CPU time by mode, load, number of CPUs."""

from agent.collectors.host.machine import Machine
from agent.kernel_files import content_if_any
from models.containers import Headline
from models.host import MODES, CpuTimes, busy_share, cpu_shares
from models.monitoring import Reading

_MODE_LABELS = [(("cpu.mode", mode),) for mode in MODES]
_NO_SHARES: list[float | None] = [None] * len(MODES)


class Cpu:
    """Keeps the last CPU times, since a share needs two."""

    def __init__(self, proc: str, machine: Machine) -> None:
        self._load_path = f"{proc}/loadavg"
        self._machine = machine
        self._times: CpuTimes | None = None
        self.headline = Headline(None, 0.0)
        """CPUs in use and CPUs there are, as of the last reading."""

    def read(self) -> list[Reading]:
        before, self._times = self._times, self._machine.cpu_times()
        shares = cpu_shares(before, self._times)
        count = self._machine.logical_cpus() or 1
        self.headline = Headline(None if shares is None else busy_share(shares) * count, count)
        return [
            *(
                Reading("system.cpu.utilization", share, labels)
                for share, labels in zip(shares or _NO_SHARES, _MODE_LABELS, strict=True)
            ),
            Reading("system.cpu.logical.count", count),
            *self._load(),
        ]

    def _load(self) -> list[Reading]:
        averages = (content_if_any(self._load_path) or "").split()[:3]
        return [
            Reading(f"system.cpu.load_average.{minutes}m", float(average))
            for minutes, average in zip((1, 5, 15), averages, strict=False)
        ]
