"""From what a machine counts to its series, wherever the counts come from: /proc or an exporter.

Pure but for the `Rates` that the caller keeps.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

from models.containers import Headline
from models.host import MODES, CpuTimes, Space, busy_share
from models.monitoring import Labels, Reading
from models.rates import Rates

BYTES_PER_SECOND_MAX = 1e12
OPERATIONS_PER_SECOND_MAX = 1e9
BUSY_MAX = 1.5
"""Busy milliseconds are counted in jiffies, so a little over 1 is rounding and more is a jump."""

_MODE_LABELS = [(("cpu.mode", mode),) for mode in MODES]
_NO_SHARES: list[float | None] = [None] * len(MODES)


class DiskCounts(NamedTuple):
    """Since the start; None where it is not told. Bytes, operations, seconds."""

    reads: float | None
    read_bytes: float | None
    writes: float | None
    written_bytes: float | None
    busy_seconds: float | None


class NetworkCounts(NamedTuple):
    """Since the start, of one direction; None where it is not told."""

    io_bytes: float | None
    errors: float | None
    dropped: float | None


def headline_readings(cpu: Headline, memory: Headline) -> list[Reading]:
    return [
        Reading("machine.cpu.utilization", cpu.utilization),
        Reading("machine.cpu.limit", cpu.limit),
        Reading("machine.memory.utilization", memory.utilization),
        Reading("machine.memory.usage", memory.used),
        Reading("machine.memory.limit", memory.limit),
    ]


def cpu_headline(shares: CpuTimes | None, count: int) -> Headline:
    return Headline(None if shares is None else busy_share(shares) * count, count)


def cpu_readings(shares: CpuTimes | None, count: int) -> list[Reading]:
    return [
        *(
            Reading("system.cpu.utilization", share, labels)
            for share, labels in zip(shares or _NO_SHARES, _MODE_LABELS, strict=True)
        ),
        Reading("system.cpu.logical.count", count),
    ]


def load_readings(averages: Iterable[float | None]) -> list[Reading]:
    """Of 1, 5 and 15 minutes, in this order."""
    return [
        Reading(f"system.cpu.load_average.{minutes}m", average)
        for minutes, average in zip((1, 5, 15), averages, strict=False)
    ]


def memory_headline(found: Mapping[str, float]) -> Headline | None:
    """Bytes in use and bytes there are, by the names of /proc/meminfo; None without a total."""
    total = found.get("MemTotal", 0)
    return Headline(total - _available(found), total) if total else None


def memory_readings(found: Mapping[str, float]) -> list[Reading]:
    """The states add up to the total; `cached` includes what the kernel can give back."""
    total = found.get("MemTotal", 0)
    if not total:
        return []
    free, buffers = found.get("MemFree", 0), found.get("Buffers", 0)
    cached = found.get("Cached", 0) + found.get("SReclaimable", 0)
    used = max(0, total - free - buffers - cached)
    states = {"used": used, "free": free, "buffers": buffers, "cached": cached}
    return [
        Reading("system.memory.limit", total),
        Reading("system.linux.memory.available", _available(found)),
        *(Reading("system.memory.usage", size, _state(name)) for name, size in states.items()),
        *(
            Reading("system.memory.utilization", size / total, _state(name))
            for name, size in states.items()
        ),
        *_swap_readings(found.get("SwapTotal", 0), found.get("SwapFree", 0)),
    ]


def paging_readings(
    rates: Rates, counts: Mapping[str, float], monotonic_seconds: float
) -> list[Reading]:
    """Pages swapped, by the names of /proc/vmstat."""
    return [
        Reading(
            "system.paging.operations",
            rates.per_second(
                counter, counts[counter], monotonic_seconds, OPERATIONS_PER_SECOND_MAX
            ),
            (("direction", direction),),
        )
        for direction, counter in (("in", "pswpin"), ("out", "pswpout"))
        if counter in counts
    ]


def space_readings(mountpoint: str, space: Space) -> Iterable[Reading]:
    label = ("mountpoint", mountpoint)
    yield Reading("system.filesystem.usage", space.used, (label, ("state", "used")))
    yield Reading("system.filesystem.usage", space.free, (label, ("state", "free")))
    if space.used + space.free:
        share = space.used / (space.used + space.free)
        yield Reading("system.filesystem.utilization", share, (label,))


def disk_readings(
    rates: Rates, disks: Mapping[str, DiskCounts], monotonic_seconds: float
) -> list[Reading]:
    """`rates` are of disks alone: those of other series in it are forgotten."""
    readings = []
    for device, counts in disks.items():
        for name, direction, count, fastest in (
            ("system.disk.operations", "read", counts.reads, OPERATIONS_PER_SECOND_MAX),
            ("system.disk.io", "read", counts.read_bytes, BYTES_PER_SECOND_MAX),
            ("system.disk.operations", "write", counts.writes, OPERATIONS_PER_SECOND_MAX),
            ("system.disk.io", "write", counts.written_bytes, BYTES_PER_SECOND_MAX),
        ):
            labels = (("device", device), ("direction", direction))
            readings += _rate(rates, (name, labels), count, monotonic_seconds, fastest)
        busy = ("system.disk.io_time", (("device", device),))
        for reading in _rate(rates, busy, counts.busy_seconds, monotonic_seconds, BUSY_MAX):
            value = reading.value
            readings.append(reading._replace(value=None if value is None else min(value, 1.0)))
    rates.forget_all_but({(name, labels) for name, _, labels in readings})
    return readings


def network_readings(
    rates: Rates,
    interfaces: Mapping[str, Mapping[str, NetworkCounts]],
    monotonic_seconds: float,
) -> list[Reading]:
    """Counts by interface and direction. `rates` are of interfaces alone, as above."""
    readings: list[Reading] = []
    for interface, directions in interfaces.items():
        for direction, counts in directions.items():
            labels = (("direction", direction), ("interface", interface))
            for name, count in (
                ("system.network.io", counts.io_bytes),
                ("system.network.errors", counts.errors),
                ("system.network.dropped", counts.dropped),
            ):
                readings += _rate(
                    rates, (name, labels), count, monotonic_seconds, BYTES_PER_SECOND_MAX
                )
    rates.forget_all_but({(name, labels) for name, _, labels in readings})
    return readings


def _rate(
    rates: Rates,
    key: tuple[str, Labels],
    count: float | None,
    monotonic_seconds: float,
    fastest: float,
) -> list[Reading]:
    """Nothing where the machine does not count it."""
    if count is None:
        return []
    hashable: Hashable = key
    rate = rates.per_second(hashable, count, monotonic_seconds, fastest)
    return [Reading(key[0], rate, key[1])]


def _available(found: Mapping[str, float]) -> float:
    parts = ("MemFree", "Buffers", "Cached", "SReclaimable")
    return found.get("MemAvailable", sum(found.get(part, 0) for part in parts))


def _state(name: str) -> Labels:
    return (("state", name),)


def _swap_readings(total: float, free: float) -> list[Reading]:
    used = max(0, total - free)
    readings = [
        Reading("system.paging.usage", used, _state("used")),
        Reading("system.paging.usage", free, _state("free")),
    ]
    if total:
        readings.append(Reading("system.paging.utilization", used / total, _state("used")))
    return readings
