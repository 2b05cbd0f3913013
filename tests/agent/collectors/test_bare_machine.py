"""The machine as a probe reads it is the machine as psutil reads it."""

import os

import psutil
import pytest

from agent.collectors.host.bare import BareMachine
from agent.collectors.host.machine import ThisMachine


@pytest.fixture(autouse=True)
def own_proc(monkeypatch):
    monkeypatch.setattr(psutil, "PROCFS_PATH", "/proc")


def test_it_reads_the_same_cpu_times():
    before, here, after = (
        ThisMachine().cpu_times(),
        BareMachine().cpu_times(),
        ThisMachine().cpu_times(),
    )

    for low, value, high in zip(before[:3], here[:3], after[:3], strict=True):
        assert low <= value <= high
    assert BareMachine().logical_cpus() == ThisMachine().logical_cpus()


def test_it_knows_the_same_mounts_and_the_same_space():
    mounts = BareMachine().mounts()

    assert sorted(mounts) == sorted(ThisMachine().mounts())
    here, there = BareMachine().space("/"), ThisMachine().space("/")
    assert here.used == pytest.approx(there.used, rel=0.01)
    assert here.free == pytest.approx(there.free, rel=0.01)
    assert BareMachine().space("/etc/hostname") is None
    with pytest.raises(OSError, match="nowhere"):
        os.statvfs("/nowhere")


def test_a_mountpoint_with_a_space_in_its_name_is_found(tmp_path):
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "mounts").write_text(
        "/dev/sdb1 /mnt/my\\040disk ext4 rw 0 0\nshort line\n"
    )

    [mount] = BareMachine(str(tmp_path)).mounts()
    assert mount.mountpoint == "/mnt/my disk"
