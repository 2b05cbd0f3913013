"""The host, on trees of kernel files and on the machine the tests run on."""

import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from agent.collectors.host import HostCollector
from agent.collectors.host.machine import ThisMachine
from models.errors import SourceUnreachable
from models.host import CpuTimes
from models.metrics import METRICS
from models.monitoring import Labels, Reading
from tests.agent.collectors.canned_machine import IDLE_AT_START, CannedMachine
from tests.trees import unpack

NOON = 1_000.0
"""Any moment of the monotonic clock."""


def label(**pairs: str) -> Labels:
    return tuple(sorted((name.replace("_", "."), value) for name, value in pairs.items()))


def values(readings: list[Reading], name: str) -> dict[Labels, float | None]:
    return {labels: value for found, value, labels in readings if found == name}


def value(readings: list[Reading], name: str, **pairs: str) -> float | None:
    return values(readings, name)[label(**pairs)]


class Vps:
    """The VPS of the payloads: read now, change files, read ten seconds later."""

    def __init__(self, folder: Path, *, without: str = "") -> None:
        self.folder = unpack("host/vps", folder)
        if without:
            (folder / without).unlink()
        self.machine = CannedMachine()
        self.host = HostCollector(folder / "proc", folder / "sys", machine=self.machine)

    def first(self) -> list[Reading]:
        return self.host.collect(NOON)

    def later(self, *trees: str, seconds: float = 10.0) -> list[Reading]:
        for tree in trees:
            unpack(f"host/{tree}", self.folder)
        return self.host.collect(NOON + seconds)


@pytest.fixture
def vps(tmp_path):
    return Vps(tmp_path)


RATES = [
    "system.cpu.utilization",
    "system.paging.operations",
    "system.disk.io",
    "system.disk.operations",
    "system.disk.io_time",
    "system.network.io",
    "system.network.errors",
    "system.network.dropped",
    "machine.cpu.utilization",
]


@pytest.mark.parametrize("name", RATES)
def test_the_first_reading_of_a_rate_is_a_gap_and_not_a_zero(vps, name):
    first = values(vps.first(), name)

    assert first
    assert set(first.values()) == {None}


def test_rates_are_growth_per_second(vps):
    vps.first()

    later = vps.later("vps_10s_later")

    assert values(later, "system.disk.io") == {
        label(device="vda", direction="read"): 20_000 * 512 / 10,
        label(device="vda", direction="write"): 40_000 * 512 / 10,
    }
    assert values(later, "system.disk.operations") == {
        label(device="vda", direction="read"): 10.0,
        label(device="vda", direction="write"): 30.0,
    }
    assert values(later, "system.disk.io_time") == {label(device="vda"): 0.25}
    assert values(later, "system.network.io") == {
        label(interface="eth0", direction="receive"): 100_000.0,
        label(interface="eth0", direction="transmit"): 50_000.0,
    }
    assert value(later, "system.network.errors", interface="eth0", direction="receive") == 0.1
    assert value(later, "system.network.dropped", interface="eth0", direction="receive") == 0.2
    assert value(later, "system.paging.operations", direction="in") == 5.0
    assert value(later, "system.paging.operations", direction="out") == 40.0


def test_counters_that_went_back_or_jumped_leave_a_gap(vps):
    vps.first()
    vps.later("vps_10s_later")

    reset = vps.later("vps_counters_reset", seconds=20.0)

    for name in ("system.disk.io", "system.disk.operations", "system.paging.operations"):
        assert set(values(reset, name).values()) == {None}
    assert value(reset, "system.disk.io_time", device="vda") is None
    assert set(values(reset, "system.network.io").values()) == {None}


def test_after_a_reset_the_rates_go_on(vps):
    vps.first()
    vps.later("vps_counters_reset")

    later = vps.later("vps_10s_later", seconds=20.0)

    assert value(later, "system.disk.operations", device="vda", direction="read") == 109.7


def test_cpu_time_by_mode_is_shares_of_one(vps):
    vps.first()
    vps.machine.times = CpuTimes(103.0, 51.0, 0.0, 11.0, 0.0, 1.0, 4.5, 1004.5)

    later = vps.later()

    shares = {
        dict(labels)["cpu.mode"]: share
        for labels, share in values(later, "system.cpu.utilization").items()
    }
    assert shares == pytest.approx(
        {"user": 0.3, "system": 0.1, "nice": 0, "iowait": 0.1}
        | {"irq": 0, "softirq": 0, "steal": 0.05, "idle": 0.45}
    )
    assert value(later, "machine.cpu.utilization") == pytest.approx(0.45)


def test_cpu_times_that_went_back_leave_a_gap(vps):
    vps.first()
    vps.machine.times = IDLE_AT_START._replace(user=1.0, idle=2_000.0)

    later = vps.later()

    assert set(values(later, "system.cpu.utilization").values()) == {None}
    assert value(later, "machine.cpu.utilization") is None


def test_memory_by_state_adds_up_and_the_headline_is_what_programs_cannot_get(vps):
    readings = vps.first()

    by_state = values(readings, "system.memory.usage")
    assert by_state[label(state="used")] == 1_000_000 * 1024
    assert sum(by_state.values()) == value(readings, "system.memory.limit") == 2_000_000 * 1024
    assert value(readings, "system.linux.memory.available") == 900_000 * 1024
    assert value(readings, "machine.memory.usage") == 1_100_000 * 1024
    assert value(readings, "machine.memory.utilization") == 0.55
    assert value(readings, "system.paging.utilization", state="used") == 0.25


def test_load_pressure_uptime_and_space_are_read_at_once(vps):
    readings = vps.first()

    assert value(readings, "system.cpu.load_average.1m") == 0.42
    assert value(readings, "system.cpu.load_average.15m") == 0.25
    assert value(readings, "system.linux.pressure.cpu") == 0.125
    assert value(readings, "system.linux.pressure.memory") == 0.0025
    assert value(readings, "system.linux.pressure.io") == 0.03
    assert value(readings, "system.uptime") == 86_400.5
    assert value(readings, "system.filesystem.utilization", mountpoint="/") == 0.75


def test_a_machine_without_swap_has_no_share_of_it(vps):
    meminfo = vps.folder / "proc/meminfo"
    meminfo.write_text("MemTotal: 2000 kB\nMemFree: 500 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")

    readings = vps.first()

    assert value(readings, "system.paging.usage", state="used") == 0
    assert values(readings, "system.paging.utilization") == {}
    assert value(readings, "machine.memory.usage") == 1500 * 1024


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("proc/pressure/io", "system.linux.pressure.io"),
        ("proc/diskstats", "system.disk.io"),
        ("proc/self/net/dev", "system.network.io"),
        ("proc/vmstat", "system.paging.operations"),
        ("proc/loadavg", "system.cpu.load_average.1m"),
        ("proc/uptime", "system.uptime"),
    ],
)
def test_what_a_kernel_does_not_show_is_missing_and_the_rest_is_there(tmp_path, path, gone):
    complete = {reading.name for reading in Vps(tmp_path / "complete").first()}

    found = {reading.name for reading in Vps(tmp_path / "without", without=path).first()}

    assert gone not in found
    assert {"machine.cpu.limit", "machine.memory.usage", "system.filesystem.usage"} <= found
    assert found < complete


def test_without_proc_the_source_says_what_to_do(tmp_path):
    host = HostCollector(tmp_path, tmp_path, machine=CannedMachine())

    with pytest.raises(SourceUnreachable, match=r"machine\.procfs"):
        host.collect(NOON)


def test_a_device_that_is_gone_is_no_series_any_more_and_comes_back_with_a_gap(vps):
    vps.first()
    diskstats = vps.folder / "proc/diskstats"
    text = diskstats.read_text()
    diskstats.write_text("")

    assert values(vps.later(), "system.disk.io") == {}
    diskstats.write_text(text)
    assert set(values(vps.later(seconds=20.0), "system.disk.io").values()) == {None}


def test_seen_from_a_container_the_host_is_the_hosts_and_not_the_containers(tmp_path):
    folder = unpack("host/container_v2_limited", unpack("host/vps", tmp_path))
    (folder / "proc/1").mkdir()
    (folder / "proc/self/net/dev").rename(folder / "proc/1/net_dev")
    (folder / "proc/1/net").mkdir()
    (folder / "proc/1/net_dev").rename(folder / "proc/1/net/dev")
    host = HostCollector(sys=folder / "sys", procfs=str(folder / "proc"), machine=CannedMachine())

    readings = host.collect(NOON)

    assert value(readings, "machine.memory.limit") == 2_000_000 * 1024
    assert len(values(readings, "system.network.io")) == 2
    assert not [reading for reading in readings if reading.name.startswith("container.")]


def test_psutil_reads_the_hosts_proc_where_the_settings_name_it(tmp_path, monkeypatch):
    monkeypatch.setattr(psutil, "PROCFS_PATH", "/proc")  # Put back after the test.
    folder = unpack("host/vps", tmp_path)

    assert ThisMachine(str(folder / "proc")).cpu_times() == IDLE_AT_START


def test_this_machine_answers_within_possible_ranges():
    host = HostCollector()
    host.collect(time.monotonic())
    time.sleep(0.05)

    readings = host.collect(time.monotonic())

    assert host.left_out == {}
    assert {reading.name for reading in readings} <= METRICS.keys()
    assert Counter((name, labels) for name, _, labels in readings).most_common(1)[0][1] == 1
    assert all(labels == tuple(sorted(labels)) for _, _, labels in readings)
    known = [reading for reading in readings if reading.value is not None]
    assert len(known) > 30
    assert all(reading.value >= 0 for reading in known)
    shares = [reading for reading in known if METRICS[reading.name].unit == "1"]
    assert all(reading.value <= 1 for reading in shares)
    by_mode = values(readings, "system.cpu.utilization").values()
    assert None in by_mode or sum(by_mode) == pytest.approx(1)
    assert value(readings, "machine.memory.usage") <= value(readings, "machine.memory.limit")
