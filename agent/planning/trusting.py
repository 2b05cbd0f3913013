"""Whether a forecast may start machines of a pool: judged every hour, and told when it turns."""

import json
from collections.abc import Callable, Mapping

from agent.asking import Asking
from data.control import Control
from data.demand_choices import forget_predictions, switch_prediction
from data.outbox import Connection
from models.alerts import Alert
from models.demand.gate import AHEAD, DAYS, Gate, gate
from models.demand.kept import Prediction
from models.messages import say
from models.scaling.switched import switched_alert
from models.settings.pool import Pool

EVERY_SECONDS = 3_600.0
OFF = Gate(False, say("the settings let no forecast start machines of this pool"))
Tell = Callable[[Connection, Alert], object]


class Trusting:
    """For one thread."""

    def __init__(self, control: Control, store: Asking, tell: Tell) -> None:
        self._control, self._store, self._tell = control, store, tell
        self._gates: dict[str, Gate] = {}
        self._due_at: dict[str, float] = {}

    def only(self, pools: set[str]) -> None:
        """Settings were read: others are forgotten, and all are judged anew. Raises StoreError."""
        self._due_at = {}
        forget_predictions(self._control, pools)

    def gate(self, pool: Pool, wall: float, monotonic: float) -> Gate:
        """Raises StoreError."""
        if monotonic >= self._due_at.get(pool.name, float("-inf")):
            found = self._judged(pool, wall)
            self._keep(pool.name, found, wall)
            self._gates[pool.name] = found
            self._due_at[pool.name] = monotonic + EVERY_SECONDS
        return self._gates[pool.name]

    def _judged(self, pool: Pool, wall: float) -> Gate:
        from data.ops.demand_read import first_made_at, judged

        if not pool.prediction:
            return OFF
        first = self._store.read(lambda cursor: first_made_at(cursor, pool.target))
        found = self._store.read(lambda cursor: judged(cursor, pool.target, int(wall)))
        week = [each for each in found if (each.days, each.ahead) == (DAYS, AHEAD)]
        return gate(first, week[0] if week else None, wall)

    def _keep(self, pool: str, found: Gate, wall: float) -> None:
        figures: Mapping[str, object] = dict(found.figures)
        fresh = Prediction(
            pool,
            found.is_on,
            wall,
            json.dumps(found.reason.as_json(), ensure_ascii=False),
            json.dumps(figures),
        )
        alert = switched_alert(pool, found, wall)
        switch_prediction(self._control, fresh, lambda connection: self._told(connection, alert))

    def _told(self, connection: Connection, alert: Alert) -> None:
        self._tell(connection, alert)
