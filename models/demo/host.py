"""The series that every machine of the demo has, out of a dozen curves of its own."""

from typing import NamedTuple

from models.demo.signals import Signal
from models.monitoring import Labels

Named = dict[tuple[str, Labels], Signal]
"""Values by metric name and labels."""


class Hardware(NamedTuple):
    cpus: int
    memory_bytes: float
    swap_bytes: float
    disk_bytes: float
    device: str
    interface: str


class Cpu(NamedTuple):
    """Shares of all CPUs, 0 to 1; what is left is idle."""

    user: Signal
    system: Signal
    iowait: Signal
    steal: Signal


class Memory(NamedTuple):
    """Bytes, and swapped pages per second."""

    used: Signal
    cached: Signal
    buffers: Signal
    swap_used: Signal
    swapped_in: Signal
    swapped_out: Signal


class Traffic(NamedTuple):
    """Bytes per second, and bytes in use on the disk."""

    read: Signal
    written: Signal
    received: Signal
    sent: Signal
    disk_used: Signal


class Pressure(NamedTuple):
    """Shares of time in which work waited."""

    cpu: Signal
    memory: Signal
    io: Signal


def labels(**pairs: str) -> Labels:
    """Sorted pairs; an underscore stands for the dot in a label's name.

    >>> labels(cpu_mode="user")
    (('cpu.mode', 'user'),)
    """
    return tuple(sorted((name.replace("_", "."), value) for name, value in pairs.items()))


def cpu_series(hardware: Hardware, cpu: Cpu, load: Signal) -> Named:
    """`load` is the load average over a minute; the longer averages lean to its middle."""
    busy = cpu.user + cpu.system + cpu.steal
    modes = {
        "user": cpu.user,
        "system": cpu.system,
        "iowait": cpu.iowait,
        "steal": cpu.steal,
        "idle": 1 - busy - cpu.iowait,
    }
    named = {("system.cpu.utilization", labels(cpu_mode=mode)): modes[mode] for mode in modes}
    return named | {
        ("machine.cpu.utilization", ()): busy,
        ("machine.cpu.limit", ()): hardware.cpus + 0 * busy,
        ("system.cpu.logical.count", ()): hardware.cpus + 0 * busy,
        ("system.cpu.load_average.1m", ()): load,
        ("system.cpu.load_average.5m", ()): 0.85 * load + 0.05 * hardware.cpus,
        ("system.cpu.load_average.15m", ()): 0.7 * load + 0.1 * hardware.cpus,
    }


def memory_series(hardware: Hardware, memory: Memory) -> Named:
    limit = hardware.memory_bytes
    free = limit - memory.used - memory.cached - memory.buffers
    states = {
        "used": memory.used,
        "cached": memory.cached,
        "buffers": memory.buffers,
        "free": free,
    }
    swap = {"used": memory.swap_used, "free": hardware.swap_bytes - memory.swap_used}
    pages = {"in": memory.swapped_in, "out": memory.swapped_out}
    named = {("system.memory.usage", labels(state=state)): states[state] for state in states}
    named |= {("system.paging.usage", labels(state=state)): swap[state] for state in swap}
    named |= {("system.paging.operations", labels(direction=way)): pages[way] for way in pages}
    return named | {
        ("system.memory.limit", ()): limit + 0 * free,
        ("system.memory.utilization", labels(state="used")): memory.used / limit,
        ("system.linux.memory.available", ()): free + 0.8 * (memory.cached + memory.buffers),
        ("system.paging.utilization", labels(state="used")): memory.swap_used / hardware.swap_bytes,
        ("machine.memory.usage", ()): memory.used,
        ("machine.memory.limit", ()): limit + 0 * free,
        ("machine.memory.utilization", ()): memory.used / limit,
    }


def traffic_series(hardware: Hardware, traffic: Traffic) -> Named:
    device, interface = hardware.device, hardware.interface
    disk = {"read": traffic.read, "write": traffic.written}
    network = {"receive": traffic.received, "transmit": traffic.sent}
    space = {"used": traffic.disk_used, "free": hardware.disk_bytes - traffic.disk_used}
    moved = traffic.read + traffic.written
    named: Named = {}
    for way, value in disk.items():
        named["system.disk.io", labels(device=device, direction=way)] = value
        named["system.disk.operations", labels(device=device, direction=way)] = value / 14_000
    for way, value in network.items():
        named["system.network.io", labels(interface=interface, direction=way)] = value
    for state, value in space.items():
        named["system.filesystem.usage", labels(mountpoint="/", state=state)] = value
    return named | {
        ("system.disk.io_time", labels(device=device)): moved / (moved + 60e6),
        ("system.filesystem.utilization", labels(mountpoint="/")): traffic.disk_used
        / hardware.disk_bytes,
    }


def pressure_series(pressure: Pressure) -> Named:
    return {
        ("system.linux.pressure.cpu", ()): pressure.cpu,
        ("system.linux.pressure.memory", ()): pressure.memory,
        ("system.linux.pressure.io", ()): pressure.io,
    }


def process_series(cpu: dict[str, Signal], memory: dict[str, Signal]) -> Named:
    """`cpu` in CPUs and `memory` in bytes, both by group of processes."""
    named = {("process.cpu.utilization", labels(group=group)): cpu[group] for group in cpu}
    return named | {
        ("process.memory.usage", labels(group=group)): memory[group] for group in memory
    }
