"""Bytes, errors and dropped packets of each interface."""

from agent.kernel_files import content_if_any
from models.host import kept_interfaces
from models.monitoring import Reading
from models.rates import Rates

PER_SECOND_MAX = 1e12

_COUNTERS = (
    ("system.network.io", "receive", 0),
    ("system.network.errors", "receive", 2),
    ("system.network.dropped", "receive", 3),
    ("system.network.io", "transmit", 8),
    ("system.network.errors", "transmit", 10),
    ("system.network.dropped", "transmit", 11),
)
"""Metric, direction, column of /proc/net/dev."""


class Network:
    """`namespace` is the process in `proc` whose network is meant: "self", or "1" for a host."""

    def __init__(self, proc: str, namespace: str) -> None:
        self._path = f"{proc}/{namespace}/net/dev"
        self._rates = Rates()

    def read(self, monotonic_seconds: float) -> list[Reading]:
        columns = {}
        for line in (content_if_any(self._path) or "").splitlines()[2:]:
            interface, _, counters = line.rpartition(":")
            columns[interface.strip()] = counters.split()
        readings: list[Reading] = []
        for interface in kept_interfaces(list(columns)):
            for name, direction, column in _COUNTERS:
                labels = (("direction", direction), ("interface", interface))
                count = int(columns[interface][column])
                rate = self._rates.per_second(
                    (name, labels), count, monotonic_seconds, PER_SECOND_MAX
                )
                readings.append(Reading(name, rate, labels))
        self._rates.forget_all_but({(name, labels) for name, _, labels in readings})
        return readings
