"""Which limit is the machine's: on trees of both versions of control groups."""

import pytest

from agent.collectors.host import HostCollector
from models.host import CpuTimes
from models.monitoring import Reading
from tests.agent.collectors.canned_machine import CannedMachine
from tests.trees import unpack

NOON = 1_000.0
MIB = 1024**2
HOST_BYTES = 2_000_000 * 1024


def by_name(readings: list[Reading]) -> dict[str, float | None]:
    return {name: value for name, value, labels in readings if not labels}


class InContainer:
    """The VPS of the payloads, with four CPUs and the control groups of `tree`."""

    def __init__(self, folder, tree: str) -> None:
        unpack("host/vps", folder)
        for path in sorted((folder / "sys").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        self.folder = unpack(f"host/{tree}", folder)
        self.machine = CannedMachine(cpus=4)
        self.host = HostCollector(folder / "proc", folder / "sys", machine=self.machine)

    def first(self) -> dict[str, float | None]:
        return by_name(self.host.collect(NOON))

    def later(self, tree: str | None = None) -> dict[str, float | None]:
        if tree is not None:
            unpack(f"host/{tree}", self.folder)
        self.machine.times = CpuTimes(120.0, 50.0, 0.0, 10.0, 0.0, 1.0, 4.0, 1020.0)
        return by_name(self.host.collect(NOON + 10.0))


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_limited_container_is_the_headline(tmp_path, version):
    container = InContainer(tmp_path, f"container_{version}_limited")
    first = container.first()
    later = container.later(f"container_{version}_10s_later")

    assert first["machine.cpu.utilization"] is None
    assert first["container.cpu.usage"] is None
    assert first["container.cpu.throttled"] is None
    assert later["machine.cpu.limit"] == 0.5
    assert later["container.cpu.usage"] == pytest.approx(0.4)
    assert later["machine.cpu.utilization"] == pytest.approx(0.8)
    assert later["container.cpu.throttled"] == pytest.approx(0.6)
    assert later["container.memory.usage"] == 384 * MIB
    assert later["container.memory.working_set"] == 256 * MIB
    assert later["machine.memory.usage"] == 256 * MIB
    assert later["machine.memory.limit"] == 512 * MIB
    assert later["machine.memory.utilization"] == 0.5
    assert later["container.memory.oom_kills"] == 2


def test_the_hosts_own_values_stay_beside_the_headline(tmp_path):
    container = InContainer(tmp_path, "container_v2_limited")
    container.first()
    later = container.later()

    assert later["system.memory.limit"] == HOST_BYTES
    assert later["system.cpu.logical.count"] == 4


def test_an_idle_container_was_not_held_back(tmp_path):
    container = InContainer(tmp_path, "container_v2_limited")
    container.first()

    assert container.later()["container.cpu.throttled"] == 0.0


def test_a_container_that_was_made_anew_leaves_a_gap(tmp_path):
    container = InContainer(tmp_path, "container_v2_limited")
    container.first()
    (tmp_path / "sys/fs/cgroup/cpu.stat").write_text(
        "usage_usec 1000\nnr_periods 1\nnr_throttled 0\n"
    )
    later = container.later()

    assert later["container.cpu.usage"] is None
    assert later["machine.cpu.utilization"] is None
    assert later["container.cpu.throttled"] is None


@pytest.mark.parametrize("tree", ["container_v2_unlimited", "nested_v1_unlimited"])
def test_without_a_limit_the_host_is_the_headline(tmp_path, tree):
    container = InContainer(tmp_path, tree)
    container.first()
    later = container.later()

    assert later["machine.cpu.limit"] == 4
    assert later["machine.cpu.utilization"] == pytest.approx(0.5)
    assert later["machine.memory.limit"] == HOST_BYTES
    assert "container.cpu.throttled" not in later


def test_an_unlimited_container_says_what_it_uses(tmp_path):
    container = InContainer(tmp_path, "container_v2_unlimited")
    container.first()
    later = container.later()

    assert later["container.memory.working_set"] == 256 * MIB
    assert later["container.cpu.usage"] == 0.0


def test_a_group_made_by_hand_under_version_1_says_what_it_uses(tmp_path):
    first = InContainer(tmp_path, "nested_v1_unlimited").first()

    assert first["container.memory.usage"] == 4_579_328
    assert first["container.memory.working_set"] == 4_579_328 - 458_752
    assert "container.cpu.usage" not in first


def test_of_nested_limits_the_tightest_counts_and_its_level_says_the_use(tmp_path):
    first = InContainer(tmp_path, "container_v2_nested").first()

    assert first["machine.memory.limit"] == 300 * MIB
    assert first["machine.memory.usage"] == 100 * MIB
    assert first["machine.cpu.limit"] == 0.25


def test_a_limit_above_the_host_is_none(tmp_path):
    container = InContainer(tmp_path, "container_v2_limited")
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("8589934592\n")
    (tmp_path / "sys/fs/cgroup/cpu.max").write_text("800000 100000\n")
    first = container.first()

    assert first["machine.memory.limit"] == HOST_BYTES
    assert first["machine.cpu.limit"] == 4


def test_a_limit_that_is_changed_counts_at_the_next_reading(tmp_path):
    container = InContainer(tmp_path, "container_v2_limited")
    container.first()
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("1073741824\n")

    assert container.later()["machine.memory.limit"] == 1024 * MIB


def test_a_burst_above_the_quota_is_all_of_it_and_not_more(tmp_path):
    container = InContainer(tmp_path, "container_v2_limited")
    container.first()
    (tmp_path / "sys/fs/cgroup/cpu.stat").write_text("usage_usec 98000000\n")
    later = container.later()

    assert later["container.cpu.usage"] == pytest.approx(0.8)
    assert later["machine.cpu.utilization"] == 1.0


def test_the_limits_of_the_agents_own_unit_are_not_the_machines(tmp_path):
    unpack("host/vps", tmp_path)
    host = HostCollector(tmp_path / "proc", tmp_path / "sys", machine=CannedMachine(cpus=4))
    readings = by_name(host.collect(NOON))

    assert readings["machine.memory.limit"] == HOST_BYTES
    assert readings["machine.cpu.limit"] == 4
    assert not [name for name in readings if name.startswith("container.")]


def test_a_host_of_version_1_is_no_container(tmp_path):
    container = InContainer(tmp_path, "container_v1_limited")
    (tmp_path / "proc/self/cgroup").write_text(
        "4:memory:/system.slice/sallim-agent.service\n2:cpu,cpuacct:/\n0::/\n"
    )
    groups = tmp_path / "sys/fs/cgroup"
    (groups / "memory/system.slice/sallim-agent.service").mkdir(parents=True)
    (groups / "memory/memory.limit_in_bytes").write_text("9223372036854771712\n")
    (groups / "cpu,cpuacct/cpu.cfs_quota_us").write_text("-1\n")
    first = container.first()

    assert first["machine.memory.limit"] == HOST_BYTES
    assert not [name for name in first if name.startswith("container.")]


def test_without_any_control_groups_the_host_is_the_headline(tmp_path):
    container = InContainer(tmp_path, "container_v2_limited")
    (tmp_path / "proc/self/cgroup").unlink()
    (tmp_path / "sys/fs/cgroup/cgroup.controllers").unlink()
    first = container.first()

    assert first["machine.memory.limit"] == HOST_BYTES
    assert not [name for name in first if name.startswith("container.")]
