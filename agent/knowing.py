"""Acknowledgements end by themselves; what begins anew, or still lasts then, is told again."""

from collections.abc import Mapping

from data.budget import told
from data.control import Control
from data.outbox import acknowledged, forget_acknowledgements
from data.requests import end_one, unended
from data.stops import operations
from models.alerts.knowing import Situation, is_about, is_over
from models.budget.state import BucketState

ACKNOWLEDGE = "acknowledge"


class Knowing:
    """One thread only."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def step(self, states: Mapping[str, BucketState], now: float) -> None:
        """`now` is UTC epoch seconds. Raises StoreError."""
        orders = unended(self._control, ACKNOWLEDGE)
        if not orders:
            return
        known = acknowledged(self._control)
        situation = Situation(states, told(self._control, 0), operations(self._control))
        for order in orders:
            alerts = [each for each in known if is_about(each, order.target)]
            if is_over(order, alerts, situation, now):
                with self._control.transaction() as connection:
                    end_one(connection, order, now)
                    forget_acknowledgements(connection, [each.number for each in alerts])
