"""The machine: CPU, memory, disks, network, pressure, and its container if it is one."""

from pathlib import Path

from agent.collectors.host.container import Container
from agent.collectors.host.cpu import Cpu
from agent.collectors.host.disks import Disks
from agent.collectors.host.filesystems import Filesystems
from agent.collectors.host.machine import Machine, ThisMachine
from agent.collectors.host.memory import Memory
from agent.collectors.host.network import Network
from agent.collectors.host.pressure import Pressure
from agent.kernel_files import content_if_any
from models.containers import Headline, headline
from models.errors import SourceUnreachable
from models.machine import headline_readings
from models.messages import Message, say
from models.monitoring import Reading

SPACE_TIMEOUT_SECONDS = 1.0


class HostCollector:
    """A sensor that finds nothing brings nothing; the others go on.

    `proc` and `sys` are where the kernel's files are. With `procfs`, the host's /proc as a
    container sees it, the machine is that host: the container's limits are not its limits.
    """

    name = "host"

    def __init__(
        self,
        proc: Path = Path("/proc"),
        sys: Path = Path("/sys"),
        *,
        procfs: str | None = None,
        machine: Machine | None = None,
        space_timeout_seconds: float = SPACE_TIMEOUT_SECONDS,
    ) -> None:
        root = procfs or str(proc)
        machine = machine or ThisMachine(procfs)
        self._root = root
        self._cpu = Cpu(root, machine)
        self._memory = Memory(root)
        self._disks = Disks(root)
        self._network = Network(root, "1" if procfs else "self")
        self._pressure = Pressure(root)
        self._filesystems = Filesystems(machine, space_timeout_seconds)
        self._container = None if procfs else Container(proc, sys)

    @property
    def left_out(self) -> dict[str, Message]:
        """Mountpoints that brought nothing in the last reading, and why."""
        return self._filesystems.left_out

    def collect(self, monotonic_seconds: float) -> list[Reading]:
        """Raises SourceUnreachable where the kernel shows no memory: then /proc is not there."""
        memory = self._memory.read(monotonic_seconds)
        if self._memory.headline is None:
            raise SourceUnreachable(
                self.name,
                say(
                    "{path} cannot be read; Sallim needs Linux with /proc, and in a container the "
                    "setting machine.procfs must name the folder where the host's is mounted",
                    path=f"{self._root}/meminfo",
                ),
            )
        cpu = self._cpu.read()
        container = self._container.read(monotonic_seconds) if self._container else []
        return [
            *self._headline(self._cpu.headline, self._memory.headline),
            *cpu,
            *memory,
            *container,
            *self._pressure.read(),
            *self._uptime(),
            *self._filesystems.read(monotonic_seconds),
            *self._disks.read(monotonic_seconds),
            *self._network.read(monotonic_seconds),
        ]

    def _headline(self, cpu: Headline, memory: Headline) -> list[Reading]:
        """What this machine may use and does use: the container's where that is less."""
        if self._container is not None:
            state = self._container.state
            cpu = headline(cpu, self._container.cpus_used, state.cpu_limit)
            memory = headline(memory, state.working_set, state.memory_limit)
        return headline_readings(cpu, memory)

    def _uptime(self) -> list[Reading]:
        text = content_if_any(f"{self._root}/uptime")
        return [Reading("system.uptime", float(text.split()[0]))] if text else []
