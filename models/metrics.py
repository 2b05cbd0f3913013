"""Every metric by name: unit and meaning, in the words of OpenTelemetry where it has them.

Ratios are 0 to 1, sizes are bytes, times are seconds: formatting is the pages' matter. What the
conventions count as a counter (`system.disk.io`) is kept as its growth per second, so the unit
says `By/s`. `machine.*`, `*.linux.pressure.*`, `hw.gpu.throttle` and `agent.*` are our own.
"""

from typing import NamedTuple


class Metric(NamedTuple):
    """`unit` is a UCUM code as the conventions write it; `text` is English, one phrase."""

    unit: str
    text: str


METRICS: dict[str, Metric] = {
    # The headline of a machine: the container's values where a limit is set, else the host's.
    "machine.cpu.utilization": Metric("1", "CPU in use, of what this machine may use"),
    "machine.cpu.limit": Metric("{cpu}", "CPUs this machine may use"),
    "machine.memory.utilization": Metric("1", "Memory in use, of what this machine may use"),
    "machine.memory.usage": Metric("By", "Memory in use"),
    "machine.memory.limit": Metric("By", "Memory this machine may use"),
    # Host
    "system.cpu.utilization": Metric("1", "CPU time by mode"),
    "system.cpu.logical.count": Metric("{cpu}", "Logical CPUs"),
    "system.cpu.load_average.1m": Metric("{thread}", "Load average over 1 minute"),
    "system.cpu.load_average.5m": Metric("{thread}", "Load average over 5 minutes"),
    "system.cpu.load_average.15m": Metric("{thread}", "Load average over 15 minutes"),
    "system.memory.usage": Metric("By", "Memory by state"),
    "system.memory.utilization": Metric("1", "Memory by state, as a share"),
    "system.memory.limit": Metric("By", "Memory of the host"),
    "system.linux.memory.available": Metric("By", "Memory that programs can still get"),
    "system.paging.usage": Metric("By", "Swap by state"),
    "system.paging.utilization": Metric("1", "Swap in use, as a share"),
    "system.paging.operations": Metric("{operation}/s", "Pages swapped by direction"),
    "system.disk.io": Metric("By/s", "Bytes read and written by device"),
    "system.disk.operations": Metric("{operation}/s", "Reads and writes by device"),
    "system.disk.io_time": Metric("1", "Share of time a device was busy"),
    "system.filesystem.usage": Metric("By", "Space by mountpoint and state"),
    "system.filesystem.utilization": Metric("1", "Space in use by mountpoint, as a share"),
    "system.network.io": Metric("By/s", "Bytes by interface and direction"),
    "system.network.errors": Metric("{error}/s", "Errors by interface and direction"),
    "system.network.dropped": Metric("{packet}/s", "Dropped packets by interface and direction"),
    "system.linux.pressure.cpu": Metric("1", "Share of time in which work waited for CPU"),
    "system.linux.pressure.memory": Metric("1", "Share of time in which work waited for memory"),
    "system.linux.pressure.io": Metric("1", "Share of time in which work waited for disks"),
    "system.uptime": Metric("s", "Time since the machine started"),
    # Container (control group of the agent's machine)
    "container.cpu.usage": Metric("{cpu}", "CPUs used in the control group"),
    "container.cpu.throttled": Metric("1", "Share of periods in which the CPU limit held back"),
    "container.memory.usage": Metric("By", "Memory used in the control group"),
    "container.memory.working_set": Metric("By", "Memory in use without inactive file cache"),
    "container.memory.oom_kills": Metric("{kill}", "Processes ended for lack of memory"),
    # GPU
    "hw.gpu.utilization": Metric("1", "GPU in use by task"),
    "hw.gpu.memory.usage": Metric("By", "GPU memory in use"),
    "hw.gpu.memory.limit": Metric("By", "GPU memory"),
    "hw.gpu.memory.utilization": Metric("1", "GPU memory in use, as a share"),
    "hw.gpu.memory.busy": Metric("1", "Share of time in which GPU memory was read or written"),
    "hw.temperature": Metric("Cel", "Temperature of the GPU"),
    "hw.power": Metric("W", "Power drawn by the GPU"),
    "hw.power.limit": Metric("W", "Power cap in force on the GPU"),
    "hw.energy": Metric("J", "Energy drawn since the driver was loaded"),
    "hw.errors": Metric("{error}", "Hardware errors by type"),
    "hw.gpu.throttle": Metric("1", "1 while the clock is held back for this reason"),
    "hw.gpu.asleep": Metric("1", "1 while the card sleeps and is left asleep"),
    "hw.gpu.process.memory.usage": Metric("By", "GPU memory by process"),
    # Processes, grouped by systemd unit where there is one
    "process.cpu.utilization": Metric("1", "CPU by group of processes, 1 is one CPU"),
    "process.memory.usage": Metric("By", "Resident memory by group of processes"),
    "process.count": Metric("{process}", "Processes by group"),
    "system.process.count": Metric("{process}", "Processes on the machine"),
    # The agent itself
    "agent.cpu.utilization": Metric("1", "CPU used by the agent, 1 is one CPU"),
    "agent.memory.rss": Metric("By", "Resident memory of the agent"),
    "agent.tick.latency": Metric(
        "s", "Delay between due and started collection, worst of the interval"
    ),
    "agent.samples.dropped": Metric("{sample}", "Values dropped since the start"),
    "agent.samples.stored": Metric("{sample}", "Values stored since the start"),
    "agent.collector.duration": Metric("s", "Time that a collector's last reading took"),
    "agent.flush.duration": Metric("s", "Time that the last write to the store took"),
    "agent.store.size": Metric("By", "Size of the store on disk"),
    "agent.store.size.limit": Metric("By", "Size at which the oldest history goes"),
    "agent.series.count": Metric("{series}", "Series known to the store"),
}


def unit_of(name: str) -> str:
    """The unit of a metric; unknown names are a programmer's error and raise KeyError."""
    return METRICS[name].unit
