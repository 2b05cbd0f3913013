"""The series that every machine of the demo has, out of a dozen curves of its own."""

from typing import NamedTuple

from models.demo.signals import Signal
from models.host import MODES
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
    """Shares of all CPUs, 0 to 1; what is left is idle, and modes not named here are zero."""

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
    modes = dict.fromkeys(MODES, 0 * busy) | {
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
    available = free + 0.8 * (memory.cached + memory.buffers)
    named: Named = {}
    for state, value in states.items():
        named["system.memory.usage", labels(state=state)] = value
        named["system.memory.utilization", labels(state=state)] = value / limit
    named |= {("system.paging.usage", labels(state=state)): swap[state] for state in swap}
    named |= {("system.paging.operations", labels(direction=way)): pages[way] for way in pages}
    return named | {
        ("system.memory.limit", ()): limit + 0 * free,
        ("system.linux.memory.available", ()): available,
        ("system.paging.utilization", labels(state="used")): memory.swap_used / hardware.swap_bytes,
        ("machine.memory.usage", ()): limit - available,
        ("machine.memory.limit", ()): limit + 0 * free,
        ("machine.memory.utilization", ()): 1 - available / limit,
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


def process_series(cpu: dict[str, Signal], memory: dict[str, Signal], count: Signal) -> Named:
    """`cpu` in CPUs and `memory` in bytes, both by group; `count` is that of all processes."""
    named: Named = {("system.process.count", ()): count}
    for group, cpus in cpu.items():
        named["process.cpu.utilization", labels(process_group=group)] = cpus
        named["process.memory.usage", labels(process_group=group)] = memory[group]
    return named
