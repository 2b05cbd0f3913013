"""The loop that forecasts demand."""

from collections.abc import Mapping, Sequence

from agent.demand import Demand
from agent.sampling import Clocks
from agent.ticking import Ticking
from models.messages import Message
from models.settings import Settings
from models.watchdog import Tick

EVERY_SECONDS = 15.0
"""Till a recipe that was chosen is fitted."""
FIT_SECONDS = 600.0
"""A round takes a while on a slow machine, but within this one fit of it is over."""


class DemandLoop:
    """Has a thread of its own, which must outlive the child that fits."""

    def __init__(self, demand: Demand, clocks: Clocks) -> None:
        self._demand = demand
        self._ticking = Ticking("demand", demand.step, EVERY_SECONDS, clocks)
        self.start = self._ticking.start

    def take_over(self, settings: Settings) -> None:
        self._demand.take_over(settings)

    def problems(self) -> Sequence[Message]:
        return self._demand.problems()

    def as_json(self) -> Mapping[str, object]:
        return self._demand.as_json()

    def tick(self) -> Tick:
        return Tick(max(self._ticking.ticked_at, self._demand.moved_at), FIT_SECONDS)

    def stop(self, seconds: float) -> None:
        """What is being fitted is fitted after the next start."""
        self._demand.call_off()
        self._ticking.stop(seconds)
