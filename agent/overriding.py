"""Raises and releases as people's requests know them: kept in control, brought into the ledger."""

from collections.abc import Callable, Sequence

from agent.budgeting import Budgeting
from agent.requests.raising import Wished
from data.control import Control
from data.months import plans
from data.overrides import overrides, put, revoke
from models.budget.overrides import Override, why_not
from models.budget.planned import with_plan
from models.costs.periods import period_at
from models.messages import Message
from models.settings import Settings


class KeptOverrides:
    """Thread-safe, as control is."""

    def __init__(
        self, control: Control, budgeting: Budgeting, settings: Callable[[], Settings]
    ) -> None:
        self._control = control
        self._budgeting = budgeting
        self._settings = settings

    def all(self) -> Sequence[Override]:
        return overrides(self._control)

    def why_not(self, wished: Wished) -> Message | None:
        settings = with_plan(self._settings(), plans(self._control), wished.created_at)
        month = period_at(wished.created_at, "month", settings.house.zone)
        return why_not(Override(*wished), self.all(), settings.budget, month)

    def keep(self, wished: Wished) -> None:
        """An id that is kept already is left as it is."""
        if all(each.override_id != wished.override_id for each in self.all()):
            with self._control.transaction() as connection:
                put(connection, Override(*wished))

    def end(self, override_id: str, now: float) -> bool:
        with self._control.transaction() as connection:
            return revoke(connection, override_id, now)

    def bring(self) -> Message | None:
        return self._budgeting.bring()
