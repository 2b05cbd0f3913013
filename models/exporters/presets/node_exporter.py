"""node_exporter: a machine, in the names of our own host collector."""

from collections.abc import Mapping, Sequence

from models.containers import Headline
from models.exporters.lines import Sample
from models.exporters.preset import Preset
from models.host import (
    MODES,
    CpuTimes,
    Mount,
    Space,
    cpu_shares,
    kept_disks,
    kept_interfaces,
    kept_mountpoints,
)
from models.machine import (
    DiskCounts,
    NetworkCounts,
    cpu_headline,
    cpu_readings,
    disk_readings,
    headline_readings,
    load_readings,
    memory_headline,
    memory_readings,
    network_readings,
    paging_readings,
    space_readings,
)
from models.monitoring import Reading
from models.rates import Rates

CPU = "node_cpu_seconds_total"
_MEMORY = {
    f"node_memory_{name}_bytes": name
    for name in (
        *("MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "SReclaimable"),
        *("SwapTotal", "SwapFree"),
    )
}
_PAGING = {"node_vmstat_pswpin": "pswpin", "node_vmstat_pswpout": "pswpout"}
_LOAD = ("node_load1", "node_load5", "node_load15")
_PRESSURE = {
    f"node_pressure_{resource}_waiting_seconds_total": resource
    for resource in ("cpu", "memory", "io")
}
_DISK = {
    "node_disk_reads_completed_total": "reads",
    "node_disk_read_bytes_total": "read_bytes",
    "node_disk_writes_completed_total": "writes",
    "node_disk_written_bytes_total": "written_bytes",
    "node_disk_io_time_seconds_total": "busy_seconds",
}
_NETWORK = {
    f"node_network_{direction}_{counted}_total": (direction, field)
    for direction in ("receive", "transmit")
    for counted, field in (("bytes", "io_bytes"), ("errs", "errors"), ("drop", "dropped"))
}
_SPACE = {f"node_filesystem_{what}_bytes": what for what in ("size", "free", "avail")}
_CLOCK = ("node_time_seconds", "node_boot_time_seconds")

Values = Mapping[str, float]


class NodeExporter:
    """What the exporter does not tell has no series; what it tells for the first time, a gap."""

    def __init__(self) -> None:
        self._times: CpuTimes | None = None
        self._rates = Rates()
        self._disk_rates = Rates()
        self._network_rates = Rates()

    def readings(self, samples: Sequence[Sample], monotonic_seconds: float) -> list[Reading]:
        by_name: dict[str, list[Sample]] = {}
        for sample in samples:
            if sample.value is not None:
                by_name.setdefault(sample.name, []).append(sample)
        single = {name: found[0].value or 0.0 for name, found in by_name.items()}
        return [
            *self._cpu_and_memory(by_name, single),
            *load_readings(single[name] for name in _LOAD if name in single),
            *paging_readings(self._rates, _named(_PAGING, single), monotonic_seconds),
            *self._pressure(_named(_PRESSURE, single), monotonic_seconds),
            *_uptime(single),
            *_spaces(by_name),
            *disk_readings(self._disk_rates, _disks(by_name), monotonic_seconds),
            *network_readings(self._network_rates, _interfaces(by_name), monotonic_seconds),
        ]

    def _cpu_and_memory(self, by_name: Mapping[str, list[Sample]], single: Values) -> list[Reading]:
        readings: list[Reading] = []
        cpu: Headline | None = None
        if CPU in by_name:
            before, self._times = self._times, _cpu_times(by_name[CPU])
            shares = cpu_shares(before, self._times)
            count = len({dict(sample.labels).get("cpu") for sample in by_name[CPU]})
            cpu = cpu_headline(shares, count)
            readings += cpu_readings(shares, count)
        found = _named(_MEMORY, single)
        memory = memory_headline(found)
        readings += memory_readings(found)
        if cpu is not None and memory is not None:
            return [*headline_readings(cpu, memory), *readings]
        return readings

    def _pressure(self, waited: Values, monotonic_seconds: float) -> list[Reading]:
        """Seconds in which some work waited, by the second: the kernel's share, at our interval."""
        readings = []
        for resource, seconds in waited.items():
            share = self._rates.per_second(resource, seconds, monotonic_seconds, 1.5)
            share = None if share is None else min(share, 1.0)
            readings.append(Reading(f"system.linux.pressure.{resource}", share))
        return readings


def _named(names: Mapping[str, str], single: Values) -> dict[str, float]:
    return {ours: single[name] for name, ours in names.items() if name in single}


def _cpu_times(samples: Sequence[Sample]) -> CpuTimes:
    sums = dict.fromkeys(MODES, 0.0)
    for sample in samples:
        mode = dict(sample.labels).get("mode", "")
        if mode in sums:
            sums[mode] += sample.value or 0.0
    return CpuTimes(**sums)


def _uptime(single: Values) -> list[Reading]:
    """By the machine's own clock, whatever ours says."""
    now, booted = (single.get(name) for name in _CLOCK)
    return [] if now is None or booted is None else [Reading("system.uptime", now - booted)]


def _spaces(by_name: Mapping[str, list[Sample]]) -> list[Reading]:
    mounts: dict[Mount, dict[str, float]] = {}
    for name, what in _SPACE.items():
        for sample in by_name.get(name, []):
            labels = dict(sample.labels)
            mount = Mount(*(labels.get(part, "") for part in ("device", "mountpoint", "fstype")))
            mounts.setdefault(mount, {})[what] = sample.value or 0.0
    told = {mount.mountpoint: sizes for mount, sizes in mounts.items() if len(sizes) == len(_SPACE)}
    return [
        reading
        for mountpoint in kept_mountpoints(mounts)
        if mountpoint in told
        for reading in space_readings(mountpoint, _space(told[mountpoint]))
    ]


def _space(sizes: Values) -> Space:
    return Space(int(sizes["size"] - sizes["free"]), int(sizes["avail"]))


def _disks(by_name: Mapping[str, list[Sample]]) -> dict[str, DiskCounts]:
    counts: dict[str, dict[str, float]] = {}
    for name, field in _DISK.items():
        for sample in by_name.get(name, []):
            device = dict(sample.labels).get("device", "")
            counts.setdefault(device, {})[field] = sample.value or 0.0
    nothing = DiskCounts(None, None, None, None, None)
    return {name: nothing._replace(**counts[name]) for name in kept_disks(list(counts))}


def _interfaces(by_name: Mapping[str, list[Sample]]) -> dict[str, dict[str, NetworkCounts]]:
    nothing = NetworkCounts(None, None, None)
    counts: dict[str, dict[str, NetworkCounts]] = {}
    for name, (direction, field) in _NETWORK.items():
        for sample in by_name.get(name, []):
            directions = counts.setdefault(dict(sample.labels).get("device", ""), {})
            before = directions.get(direction, nothing)
            directions[direction] = before._replace(**{field: sample.value})
    return {name: counts[name] for name in kept_interfaces(list(counts))}


TRANSLATED = frozenset(
    (CPU, *_MEMORY, *_PAGING, *_LOAD, *_PRESSURE, *_DISK, *_NETWORK, *_SPACE, *_CLOCK)
)
PRESET = Preset(
    name="node_exporter",
    prefixes=(*sorted(TRANSLATED - set(_LOAD)), "node_load", "node_exporter_build_info"),
    mark="node_exporter_build_info",
    version=("node_exporter_build_info", "version"),
    translated=TRANSLATED,
    translator=NodeExporter,
)
