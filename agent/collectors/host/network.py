"""Bytes, errors and dropped packets of each interface."""

from agent.kernel_files import content_if_any
from models.host import kept_interfaces
from models.machine import NetworkCounts, network_readings
from models.monitoring import Reading
from models.rates import Rates

_COLUMNS = {"receive": 0, "transmit": 8}
"""Where the counters of a direction begin in /proc/net/dev: bytes, packets, errors, dropped."""


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
        interfaces = {
            interface: {
                direction: NetworkCounts(*(int(columns[interface][at + n]) for n in (0, 2, 3)))
                for direction, at in _COLUMNS.items()
            }
            for interface in kept_interfaces(list(columns))
        }
        return network_readings(self._rates, interfaces, monotonic_seconds)
