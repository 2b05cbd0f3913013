"""Bytes, operations and busy time of each disk."""

from agent.kernel_files import content_if_any
from models.host import kept_disks
from models.machine import DiskCounts, disk_readings
from models.monitoring import Reading
from models.rates import Rates

SECTOR_BYTES = 512
"""Of /proc/diskstats, whatever the disk's own sector is."""
_BUSY_COLUMN = 12


class Disks:
    def __init__(self, proc: str) -> None:
        self._path = f"{proc}/diskstats"
        self._rates = Rates()

    def read(self, monotonic_seconds: float) -> list[Reading]:
        columns = {}
        for line in (content_if_any(self._path) or "").splitlines():
            fields = line.split()
            if len(fields) > _BUSY_COLUMN:
                columns[fields[2]] = fields
        disks = {device: _counts(columns[device]) for device in kept_disks(list(columns))}
        return disk_readings(self._rates, disks, monotonic_seconds)


def _counts(fields: list[str]) -> DiskCounts:
    return DiskCounts(
        reads=int(fields[3]),
        read_bytes=int(fields[5]) * SECTOR_BYTES,
        writes=int(fields[7]),
        written_bytes=int(fields[9]) * SECTOR_BYTES,
        busy_seconds=int(fields[_BUSY_COLUMN]) / 1000,
    )
