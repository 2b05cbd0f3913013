"""Plans of pools as series: how many machines are wanted, forecast and allowed."""

from collections.abc import Callable, Iterable

from models.monitoring import Reading
from models.scaling.shapes import Plan


class PoolsCollector:
    """Asks whoever plans; nothing is read from outside."""

    name = "pools"

    def __init__(self, plans: Callable[[], Iterable[Plan]]) -> None:
        self._plans = plans

    def collect(self, monotonic_seconds: float) -> list[Reading]:  # noqa: ARG002
        """Nothing before the first plan, which follows at once: that is no absence."""
        return [reading for plan in self._plans() for reading in _readings(plan)]


def _readings(plan: Plan) -> list[Reading]:
    """Where no forecast counts there is no value of it."""
    labels = (("pool", plan.pool),)
    predicted = None if plan.predicted is None else float(plan.predicted)
    return [
        Reading("pool.wanted", float(plan.wanted), labels),
        Reading("pool.predicted", predicted, labels),
        Reading("pool.allowed", float(plan.allowed), labels),
    ]
