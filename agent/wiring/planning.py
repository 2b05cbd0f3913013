"""The loop that plans how many machines each pool should have."""

from collections.abc import Sequence

from agent.planning import Planning
from agent.sampling import Clocks
from agent.ticking import Ticking
from models.messages import Message
from models.scaling.shapes import Plan
from models.watchdog import Tick

EVERY_SECONDS = 20.0
TURN_SECONDS = 60.0
"""A turn may take so long while another process holds a file, without being called silent."""


class PlanningLoop:
    """Has a thread of its own: it must not wait for a fit."""

    def __init__(self, planning: Planning, clocks: Clocks) -> None:
        self.take_over = planning.take_over
        self._planning = planning
        self._ticking = Ticking("planning", planning.step, EVERY_SECONDS, clocks)
        self.start = self._ticking.start

    def plans(self) -> Sequence[Plan]:
        return self._planning.plans()

    def as_json(self) -> list[dict[str, object]]:
        """The last plan of each pool, as `GET /demand` has them."""
        return [
            {**each._asdict(), "reason": each.reason.as_json(), "inputs": dict(each.inputs)}
            for each in self._planning.plans()
        ]

    def problems(self) -> Sequence[Message]:
        return self._planning.problems()

    def tick(self) -> Tick:
        return Tick(self._ticking.ticked_at, TURN_SECONDS)

    def stop(self, seconds: float) -> None:
        self._ticking.stop(seconds)
