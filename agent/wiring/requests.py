"""People's requests, joined to what can be done here; what is not there yet says so."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agent.holding import Holding
from agent.requests import Handler, Handlers, NotYet, Requests
from agent.requests.acknowledging import Acknowledging, Told
from agent.requests.answering import Answering, Questions
from agent.requests.handling import ByTarget
from agent.requests.months import (
    Bring,
    Charging,
    Planning,
    Unplanning,
    months_state,
    plans_state,
)
from agent.requests.ordering import Ordering, Unpausing
from agent.requests.raising import Overrides, Raising
from agent.requests.recipe import Choosing
from agent.requests.rerunning import Rerunning, Waits
from agent.requests.settling import Settling
from agent.requests.state import ledger_state, live, raises, standing_orders, told_lately
from agent.requests.stopping import Stopping, Stops
from agent.requests.withdrawing import Withdrawing
from agent.sampling import Clocks
from agent.server.peers import trusted
from agent.server.requests import People, Who
from data.control import Control
from data.home import Home
from data.months import plans
from data.requests import orders
from models.budget.planned import with_plan
from models.fence.words import Shown
from models.messages import say
from models.requests import AUTOMATION
from models.requests.kept import PAUSE, StandingOrder
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.statement_rows import Balance
from sallim.money import MICRO


class Parts(NamedTuple):
    """What other capabilities bring; None: not there, so what needs it is refused by name."""

    overrides: Overrides | None = None
    stops: Stops | None = None
    who: Who = lambda _: None
    messages: Told | None = None
    questions: Questions | None = None
    calls: Holding | None = None
    """Whoever else writes the hold goes by the same."""
    fences: Callable[[], Sequence[Shown]] = tuple

    waiting: Waits | None = None
    bring: Bring = lambda: None
    """Has the ledger know plans of months."""
    demand: Callable[[], Mapping[str, object]] = dict


class InForce:
    """The settings that hold now, for whoever lives as long as the agent; called, it gives them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __call__(self) -> Settings:
        return self.settings


class Asking:
    """Made once. `take_over` is for the supervisor, `requests.step` for the store's loop."""

    def __init__(
        self, home: Home, control: Control, in_force: InForce, clocks: Clocks, parts: Parts
    ) -> None:
        self._in_force = in_force
        self._home = home
        self._control = control
        self._clocks = clocks
        self._who = parts.who
        self._overrides = parts.overrides
        self._fences = parts.fences
        self._waiting = parts.waiting
        self._demand = parts.demand
        self.requests = Requests(control, self._handlers(parts), clocks, self._zone)

    def take_over(self, settings: Settings) -> None:
        self._in_force.settings = settings

    def people(self, socket_mode: int) -> People:
        waits = self._waiting.as_json if self._waiting is not None else dict
        return People(
            *(self.requests, self._who, trusted(socket_mode), self._state),
            waiting=waits,
            months=self._months,
            demand=self._demand,
        )

    def _state(self) -> Mapping[str, object]:
        now = self._clocks.wall()
        overrides = live(self._overrides.all() if self._overrides is not None else (), now)
        released = {each.bucket_id for each in overrides if not each.delta_krw}
        return {
            **ledger_state(self._home, self._in_force(), now, released),
            **raises(overrides),
            **standing_orders(self._control, now),
            "fences": [each.as_json() for each in self._fences()],
            **plans_state(self._control),
            **told_lately(self._control, now),
        }

    def _months(self) -> Mapping[str, object]:
        return months_state(self._control, self._clocks.wall())

    def _planned(self) -> Settings:
        """Lowered to the plan of the month that runs."""
        return with_plan(self._in_force(), plans(self._control), self._clocks.wall())

    def _balances(self, now: float) -> Sequence[Balance]:
        if not self._home.ledger.exists():
            return ()
        with closing(Accounts.open(self._home.ledger)) as accounts:
            return accounts.balances(int(now * MICRO))

    def _pauses(self, now: float) -> Sequence[StandingOrder]:
        return orders(self._control, PAUSE, now)

    def _zone(self) -> ZoneInfo:
        return self._in_force().house.zone

    def _handlers(self, parts: Parts) -> Handlers:
        ordering = Ordering(self._control, self._zone)
        raising: Handler = NotYet(say("a budget cannot be raised by request yet: change [budget]"))
        withdrawing = raising
        if parts.overrides is not None:
            raising = Raising(parts.overrides, self._planned)
            withdrawing = Withdrawing(parts.overrides, self._balances, self._pauses, self._planned)
        stopping: Handler = NotYet(say("nothing can be stopped or started by request yet"))
        if parts.stops is not None:
            calls = parts.calls or Holding(self._home, self._control)
            stopping = Stopping(parts.stops, calls)
        answering: Handler = NotYet(say("nothing asks before it acts"))
        if parts.questions is not None:
            answering = Answering(parts.questions)
        rerunning: Handler = NotYet(say("nothing is run again by request here"))
        if parts.waiting is not None:
            rerunning = Rerunning(parts.waiting)
        return {
            "raise": raising,
            "release": raising,
            "withdraw": withdrawing,
            "settle": Settling(self._home.ledger),
            "stop_all": stopping,
            "resume": ByTarget({AUTOMATION: Unpausing(self._control)}, stopping),
            "stop": stopping,
            "start": stopping,
            "agree": answering,
            "decline": answering,
            "pause": ordering,
            "acknowledge": Acknowledging(self._control, self._zone, parts.messages),
            "silence": ordering,
            "charge": Charging(self._control),
            "plan": Planning(self._control, self._in_force, parts.bring),
            "unplan": Unplanning(self._control, parts.bring),
            "scale": NotYet(say("machines cannot be added or removed by request yet")),
            "rerun": rerunning,
            "dismiss": rerunning,
            "recipe": Choosing(self._control, self._in_force),
            "retry": NotYet(say("work cannot be done again by request yet")),
        }
