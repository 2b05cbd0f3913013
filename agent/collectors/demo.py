"""The machines of the demo: values out of a formula instead of a machine."""

import math
from collections.abc import Callable

from models.demo import MACHINES, is_on, values
from models.messages import say
from models.monitoring import Absent, Reading


class DemoCollector:
    """One invented machine; start one collector for each of `models.demo.MACHINES`.

    `wall` gives UTC epoch seconds: the household lives by the calendar, so that the history
    filled beforehand and what is collected now are one line.
    """

    def __init__(self, machine: str, wall: Callable[[], float]) -> None:
        self.name = f"demo:{machine}"
        self.machine = machine
        self._wall = wall

    def collect(self, monotonic_seconds: float) -> list[Reading] | Absent:  # noqa: ARG002  (the protocol)
        now = self._wall()
        if not is_on(self.machine, now, math):
            return Absent(say("{machine} is not rented at this hour", machine=self.machine))
        return [
            Reading(key.name, float(value), key.labels)
            for key, value in values(self.machine, now, math).items()
        ]


def demo_collectors(wall: Callable[[], float]) -> list[DemoCollector]:
    """One for each machine of the household."""
    return [DemoCollector(machine, wall) for machine in MACHINES]
