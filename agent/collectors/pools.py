"""Plans of pools as series: how many machines are wanted, forecast and allowed."""

from collections.abc import Callable, Iterable

from models.messages import Message, say
from models.monitoring import Absent, Reading
from models.scaling.shapes import Plan


class PoolsCollector:
    """Asks whoever plans; nothing is read from outside."""

    name = "pools"

    def __init__(self, plans: Callable[[], Iterable[Plan]]) -> None:
        self._plans = plans

    def collect(self, monotonic_seconds: float) -> list[Reading] | Absent:  # noqa: ARG002
        plans = list(self._plans())
        if not plans:
            return Absent(NO_PLAN)
        return [reading for plan in plans for reading in _readings(plan)]


NO_PLAN: Message = say("no pool is planned yet")


def _readings(plan: Plan) -> list[Reading]:
    """Where no forecast counts there is no value of it."""
    labels = (("pool", plan.pool),)
    predicted = None if plan.predicted is None else float(plan.predicted)
    return [
        Reading("pool.wanted", float(plan.wanted), labels),
        Reading("pool.predicted", predicted, labels),
        Reading("pool.allowed", float(plan.allowed), labels),
    ]
