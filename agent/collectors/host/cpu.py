"""CPU time by mode, load, number of CPUs."""

from agent.collectors.host.machine import Machine
from agent.kernel_files import content_if_any
from models.containers import Headline
from models.host import CpuTimes, cpu_shares
from models.machine import cpu_headline, cpu_readings, load_readings
from models.monitoring import Reading


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
        self.headline = cpu_headline(shares, count)
        return [*cpu_readings(shares, count), *self._load()]

    def _load(self) -> list[Reading]:
        averages = (content_if_any(self._load_path) or "").split()[:3]
        return load_readings(map(float, averages))
