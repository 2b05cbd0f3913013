"""Bytes, operations and busy time of each disk."""

from agent.kernel_files import content_if_any
from models.host import kept_disks
from models.monitoring import Reading
from models.rates import Rates

SECTOR_BYTES = 512
"""Of /proc/diskstats, whatever the disk's own sector is."""
BYTES_PER_SECOND_MAX = 1e12
OPERATIONS_PER_SECOND_MAX = 1e9
BUSY_MAX = 1.5
"""Busy milliseconds are counted in jiffies, so a little over 1 is rounding and more is a jump."""

_COUNTERS = (
    ("system.disk.operations", "read", 3, 1, OPERATIONS_PER_SECOND_MAX),
    ("system.disk.io", "read", 5, SECTOR_BYTES, BYTES_PER_SECOND_MAX),
    ("system.disk.operations", "write", 7, 1, OPERATIONS_PER_SECOND_MAX),
    ("system.disk.io", "write", 9, SECTOR_BYTES, BYTES_PER_SECOND_MAX),
)
"""Metric, direction, column of /proc/diskstats, unit of its counter, fastest believable rate."""
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
        readings: list[Reading] = []
        for device in kept_disks(list(columns)):
            readings += self._of(device, columns[device], monotonic_seconds)
        self._rates.forget_all_but({(name, labels) for name, _, labels in readings})
        return readings

    def _of(self, device: str, fields: list[str], monotonic_seconds: float) -> list[Reading]:
        readings = []
        for name, direction, column, unit, fastest in _COUNTERS:
            labels = (("device", device), ("direction", direction))
            count = int(fields[column]) * unit
            rate = self._rates.per_second((name, labels), count, monotonic_seconds, fastest)
            readings.append(Reading(name, rate, labels))
        name, labels_of_device = "system.disk.io_time", (("device", device),)
        busy = self._rates.per_second(
            (name, labels_of_device), int(fields[_BUSY_COLUMN]) / 1000, monotonic_seconds, BUSY_MAX
        )
        busy = None if busy is None else min(busy, 1.0)
        return [*readings, Reading(name, busy, labels_of_device)]
