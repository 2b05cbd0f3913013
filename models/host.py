"""What of a machine is shown, and how: CPU by mode, real disks, real interfaces, real space."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

DISKS_MAX = 16
INTERFACES_MAX = 12
FILESYSTEMS_MAX = 16


class CpuTimes(NamedTuple):
    """Seconds of all CPUs since the start, by mode."""

    user: float
    system: float
    nice: float
    iowait: float
    irq: float
    softirq: float
    steal: float
    idle: float


MODES = CpuTimes._fields
_MAY_STEP_BACK = frozenset({"iowait", "steal", "idle"})
"""The kernel estimates these, and corrects them downwards now and then."""


def cpu_shares(before: CpuTimes | None, after: CpuTimes) -> CpuTimes | None:
    """Share of time by mode, 0 to 1; None without predecessor and after a reset.

    >>> first = CpuTimes(10, 0, 0, 0, 0, 0, 0, 90)
    >>> cpu_shares(first, CpuTimes(13, 0, 0, 0, 0, 0, 0, 97))
    CpuTimes(user=0.3, system=0.0, nice=0.0, iowait=0.0, irq=0.0, softirq=0.0, steal=0.0, idle=0.7)
    """
    if before is None:
        return None
    grown = [now - then for now, then in zip(after, before, strict=True)]
    if any(
        growth < 0 and mode not in _MAY_STEP_BACK for mode, growth in zip(MODES, grown, strict=True)
    ):
        return None
    grown = [max(growth, 0.0) for growth in grown]
    total = sum(grown)
    return CpuTimes(*(growth / total for growth in grown)) if total > 0 else None


def busy_share(shares: CpuTimes) -> float:
    """Neither idle nor waiting for disks. Stolen time is busy: the machine wanted it."""
    return max(0.0, 1.0 - shares.idle - shares.iowait)


_NO_DISK = re.compile(r"(?:loop|z?ram|fd|sr|nbd|dm-|md)\d")
"""What is no disk, or is made of disks that are counted themselves."""
_PARTITION = re.compile(r"(?P<disk>.*\d)p\d+|(?P<letters>.*\D)\d+")


def kept_disks(names: Sequence[str]) -> list[str]:
    """Whole disks in the kernel's order, without the partitions of those that are named.

    >>> kept_disks(["loop0", "sda", "sda1", "nvme0n1", "nvme0n1p1", "xvda1", "dm-0", "zram0"])
    ['sda', 'nvme0n1', 'xvda1']
    """
    known = set(names)
    disks = [name for name in names if not _NO_DISK.match(name) and _disk_of(name) not in known]
    return disks[:DISKS_MAX]


def _disk_of(name: str) -> str | None:
    match = _PARTITION.fullmatch(name)
    return None if match is None else match["disk"] or match["letters"]


_NO_INTERFACE = re.compile(
    r"lo$|veth|ifb|docker|br-|virbr|vnet|tap|cali|cni|flannel|lxc|lxd|dummy|sit\d|tunl\d|ip6"
)
"""Loopback, and the machine's side of what runs on it: their traffic is counted at the card."""


def kept_interfaces(names: Sequence[str]) -> list[str]:
    """Interfaces that lead out, in the kernel's order.

    >>> kept_interfaces(["lo", "ifb0", "eth0", "docker0", "veth12ab", "wg0", "br-1f2e"])
    ['eth0', 'wg0']
    """
    return [name for name in names if not _NO_INTERFACE.match(name)][:INTERFACES_MAX]


class Mount(NamedTuple):
    device: str
    mountpoint: str
    fstype: str


class Space(NamedTuple):
    """Bytes. What is reserved for root is in neither, so they need not add up to the size."""

    used: int
    free: int


_HOLDS_DATA = re.compile(
    r"ext[234]|xfs|btrfs|zfs|bcachefs|f2fs|jfs|reiserfs|vfat|exfat|ntfs3?|fuseblk|hfsplus|ufs|"
    r"nfs4?|cifs|smb3|ceph|glusterfs|lustre|gpfs|9p|virtiofs|"
    r"fuse\.(?:sshfs|rclone|s3fs|glusterfs|ceph|juicefs)"
)
"""Disks, then servers. What is not here holds memory, packages or the kernel's own views."""


def kept_mountpoints(mounts: Iterable[Mount]) -> list[str]:
    """Filesystems that hold data: each once, at its shortest path, "/" always.

    In a container "/" is an overlay and stays; elsewhere an overlay shows its lower disk again.

    >>> kept_mountpoints([
    ...     Mount("overlay", "/", "overlay"), Mount("tmpfs", "/run", "tmpfs"),
    ...     Mount("/dev/vdb", "/srv/data", "ext4"), Mount("/dev/vdb", "/srv", "ext4"),
    ... ])
    ['/', '/srv']
    """
    on_top = {mount.mountpoint: mount for mount in mounts}
    shortest: dict[str, str] = {}
    for mount in sorted(on_top.values(), key=lambda mount: (len(mount.mountpoint), mount)):
        if mount.mountpoint == "/" or _HOLDS_DATA.fullmatch(mount.fstype):
            shortest.setdefault(mount.device, mount.mountpoint)
    return list(shortest.values())[:FILESYSTEMS_MAX]


def pressure_share(text: str) -> float | None:
    r"""Share of the last ten seconds in which some work waited, out of a pressure file.

    >>> pressure_share("some avg10=1.50 avg60=0.27 avg300=0.14 total=3436773\n")
    0.015
    """
    match = re.search(r"^some avg10=([\d.]+)", text, re.MULTILINE)
    return None if match is None else float(match[1]) / 100


def memory_bytes(text: str, wanted: Collection[str]) -> dict[str, int]:
    r"""Lines of /proc/meminfo by name; what the kernel does not say is missing.

    >>> memory_bytes("MemTotal:  2048 kB\nMemFree:  24 kB\n", {"MemTotal"})
    {'MemTotal': 2097152}
    """
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name in wanted:
            found[name] = int(value.split()[0]) * 1024
    return found
