"""Which parts of a machine are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.host import (
    DISKS_MAX,
    FILESYSTEMS_MAX,
    INTERFACES_MAX,
    MODES,
    CpuTimes,
    Mount,
    busy_share,
    cpu_shares,
    kept_disks,
    kept_interfaces,
    kept_mountpoints,
    pressure_share,
)

TIMES = st.builds(CpuTimes, *[st.floats(min_value=0, max_value=1e9)] * len(MODES))


@given(TIMES, TIMES)
def test_shares_are_missing_or_parts_of_one_whole(before, after):
    shares = cpu_shares(before, after)

    if shares is not None:
        assert all(0 <= share <= 1 for share in shares)
        assert sum(shares) == pytest.approx(1)
        assert 0 <= busy_share(shares) <= 1


@given(TIMES)
def test_a_clock_that_stood_still_has_no_shares(times):
    assert cpu_shares(times, times) is None


def test_a_small_step_back_of_an_estimate_is_not_a_reset():
    before = CpuTimes(10.0, 10.0, 0.0, 5.00, 0.0, 0.0, 0.0, 100.0)
    after = CpuTimes(11.0, 11.0, 0.0, 4.99, 0.0, 0.0, 0.0, 108.0)

    shares = cpu_shares(before, after)

    assert shares == CpuTimes(0.1, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.8)


def test_stolen_time_is_busy_and_waiting_for_disks_is_not():
    assert busy_share(CpuTimes(0.1, 0, 0, 0.2, 0, 0, 0.3, 0.4)) == pytest.approx(0.4)


def test_of_many_parts_only_so_many_are_shown():
    disks = [f"sd{letter}{second}" for letter in "abc" for second in "abcdefghij"]
    cards = [f"eth{number}" for number in range(40)]
    mounts = [Mount(f"/dev/{disk}", f"/mnt/{disk}", "xfs") for disk in disks]

    assert kept_disks(disks) == disks[:DISKS_MAX]
    assert kept_interfaces(cards) == cards[:INTERFACES_MAX]
    assert len(kept_mountpoints(mounts)) == FILESYSTEMS_MAX


@pytest.mark.parametrize("name", ["sda", "vda", "nvme0n1", "mmcblk0", "xvda1", "nvme10n2"])
def test_a_whole_disk_is_shown(name):
    assert kept_disks([name]) == [name]


@pytest.mark.parametrize(
    ("disk", "partition"),
    [("sda", "sda1"), ("vda", "vda15"), ("nvme0n1", "nvme0n1p3"), ("mmcblk0", "mmcblk0p2")],
)
def test_a_partition_of_a_disk_that_is_shown_is_not(disk, partition):
    assert kept_disks([disk, partition]) == [disk]


def test_in_a_docker_container_the_root_is_shown_and_single_files_are_not_shown_twice():
    mounts = [
        Mount("overlay", "/", "overlay"),
        Mount("proc", "/proc", "proc"),
        Mount("tmpfs", "/dev", "tmpfs"),
        Mount("/dev/vda1", "/etc/resolv.conf", "ext4"),
        Mount("/dev/vda1", "/etc/hosts", "ext4"),
        Mount("/dev/vda1", "/data", "ext4"),
    ]

    assert kept_mountpoints(mounts) == ["/", "/data"]


def test_packages_memory_and_layers_are_no_filesystems_with_data():
    mounts = [
        Mount("/dev/sda2", "/", "btrfs"),
        Mount("/dev/sda2", "/home", "btrfs"),
        Mount("/dev/loop3", "/snap/core/1", "squashfs"),
        Mount("tmpfs", "/run", "tmpfs"),
        Mount("overlay", "/var/lib/docker/overlay2/5f/merged", "overlay"),
        Mount("/dev/sda1", "/boot/efi", "vfat"),
        Mount("nas:/export", "/mnt/nas", "nfs4"),
    ]

    assert kept_mountpoints(mounts) == ["/", "/mnt/nas", "/boot/efi"]


def test_what_lies_on_top_of_a_mountpoint_is_what_is_there():
    mounts = [Mount("/dev/sdb", "/home", "ext4"), Mount("tmpfs", "/home", "tmpfs")]

    assert kept_mountpoints(mounts) == []


def test_a_pressure_file_that_says_something_else_has_no_share():
    assert pressure_share("") is None
    assert pressure_share("full avg10=1.00 avg60=0.00 avg300=0.00 total=0\n") is None
