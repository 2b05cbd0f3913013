"""One message says that a limit is over, when what it had stopped is up again or cannot be."""

from collections.abc import Mapping

from agent.budget_stops import Hands, back_reason
from data.budget import take_over, told
from data.control import Control
from models.budget.kept import Told
from models.budget.resolved import Back, alert_of_end, limited_rows, told_of
from models.budget.state import MICRO, BucketState
from models.settings import Settings


class Ends:
    """One thread only."""

    def __init__(self, control: Control, hands: Hands) -> None:
        self._control = control
        self._hands = hands

    def tell(self, states: Mapping[str, BucketState], settings: Settings, wall: float) -> None:
        """Of each bucket once, in the transaction that remembers it."""
        for before in limited_rows(states, told(self._control, 0), settings.budget, wall):
            bucket = states[before.bucket_id]
            back = self._hands.stopping.brought_back(
                back_reason(before.bucket_id), before.at_us / MICRO
            )
            if not back.is_open:
                self._tell(before, bucket, back, settings, wall)

    def _tell(
        self, before: Told, bucket: BucketState, back: Back, settings: Settings, wall: float
    ) -> None:
        def put(connection: object, row: Told) -> None:
            alert = alert_of_end(row, before, bucket, back, settings.budget)
            self._hands.outbox.put(connection, alert)

        take_over(self._control, [told_of(before, bucket, wall)], put)
