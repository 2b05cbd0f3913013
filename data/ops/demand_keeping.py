"""The demand of a store: written in turn like all else, read on cursors of its own."""

from collections.abc import Iterable, Iterator, Sequence

from data.ops.demand import DemandBatch, put_demand
from data.ops.reopening import Mender
from models.scaling.shapes import BUCKET_SECONDS, Plan
from models.tiers import HOUR_SECONDS


class DemandKeeper:
    """For any thread; who writes waits for its turn. Everything raises StoreError."""

    def __init__(self, mender: Mender) -> None:
        self._mender = mender
        self._plans: dict[str, Plan] = {}

    def keep(self, batch: DemandBatch) -> None:
        """All of it or nothing; what is handed over twice is there once."""
        self._mender.change(lambda connection: put_demand(connection, batch))

    def keep_plans(self, plans: Sequence[Plan]) -> None:
        """Those that say something else than the last one of their pool, and one an hour.

        What is needed may change with every look: it alone is kept every five minutes at most.
        """
        fresh = [plan for plan in plans if self._is_news(plan)]
        if fresh:
            self.keep(DemandBatch(plans=fresh))
            self._plans |= {plan.pool: plan for plan in fresh}

    def _is_news(self, plan: Plan) -> bool:
        return is_news(plan, self._plans.get(plan.pool))


def is_news(plan: Plan, last: Plan | None) -> bool:
    """Whether it is kept beside the last one that was kept of its pool."""
    if last is None or _said(plan) != _said(last):
        return True
    age_seconds = plan.at - last.at
    if not 0 <= age_seconds < HOUR_SECONDS:
        return True
    is_changed = (plan.reactive, plan.predicted) != (last.reactive, last.predicted)
    return is_changed and age_seconds >= BUCKET_SECONDS


def news(plans: Iterable[Plan]) -> Iterator[Plan]:
    """Those of one pool that are kept, oldest first."""
    last = None
    for plan in plans:
        if is_news(plan, last):
            last = plan
            yield plan


def _said(plan: Plan) -> tuple[object, ...]:
    return plan.wanted, plan.allowed, plan.predicted is None
