"""What people and budgets decide, who carries it out, and who tells it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from agent.attempts import Attempts
from agent.budget_watch import BudgetWatch
from agent.budgeting import Budgeting
from agent.closing import Closing
from agent.demand import Demand
from agent.drift import Drift
from agent.fencing import Fencing
from agent.oidc import Oidc
from agent.overriding import KeptOverrides
from agent.planning import Planning
from agent.requests.stopping import PERSON
from agent.sampling import Clocks
from agent.server import SignIn
from agent.server.requests import People
from agent.sessions import Sessions
from agent.stopping import Stopping
from agent.view import AgentView
from agent.wiring.asked_by_phone import AskedByPhone
from agent.wiring.demand import DemandLoop
from agent.wiring.fences import fencing_of
from agent.wiring.messages import Messages, messages_of
from agent.wiring.months import ClosingLoop
from agent.wiring.planning import PlanningLoop
from agent.wiring.requests import Asking, InForce
from agent.wiring.requests import Parts as Capabilities
from agent.wiring.stopping import StoppingLoop
from agent.wiring.telling import BudgetOutbox, StopTelling
from agent.wiring.waiting import Money, WaitingLoop
from data.home import Home
from data.ops.store import Store
from models.budget.full import Full
from models.budget.words import only_counting
from models.messages import Message
from models.settings import Settings

FENCE_SECONDS_MAX = 0.2
"""What is being asked of a provider when the agent ends is looked for after its next start."""


class Everything:
    """Who stops, as people's requests ask: whoever stops everything means what is essential too."""

    def __init__(self, stopping: Stopping) -> None:
        self.names = stopping.names
        self.stopped_by = stopping.stopped_by
        self.preview = stopping.preview
        self.stop = stopping.stop
        self.start = stopping.start
        self.ordered = stopping.ordered
        self._stopping = stopping

    def paid(self) -> Sequence[str]:
        """What is not down already."""
        down = self.stopped_by(PERSON)
        return [name for name in self._stopping.paid(spares=()) if name not in down]


@dataclass(frozen=True, slots=True)
class Steering:
    """Lives as long as the agent."""

    stops: StoppingLoop
    messages: Messages
    watch: BudgetWatch
    fencing: Fencing
    waiting: WaitingLoop
    months: ClosingLoop
    demand: DemandLoop
    planning: PlanningLoop
    asking: Asking
    sessions: Sessions
    oidc: Oidc
    clocks: Clocks
    in_force: InForce
    drift: Drift | None

    def take_over(self, settings: Settings) -> None:
        self.stops.take_over(settings)
        self.messages.take_over(settings)
        self.watch.take_over(settings)
        self.fencing.take_over(settings)
        self.waiting.take_over(settings)
        self.months.take_over(settings)
        self.demand.take_over(settings)
        self.planning.take_over(settings)
        self.asking.take_over(settings)
        self.sessions.is_open = not settings.asks_who
        self.oidc.take_over(settings.oidc, settings.app.url)

    def start(self) -> None:
        self.messages.start()
        self.watch.start()
        self.fencing.start()
        self.waiting.start()
        self.months.start()
        self.demand.start()
        self.planning.start()

    def stop(self, seconds: float) -> None:
        """What is under way is gone on with after the next start."""
        self.stops.end()
        self.waiting.stop(seconds)
        self.messages.stop(seconds)
        self.watch.stop(seconds)
        self.fencing.stop(FENCE_SECONDS_MAX)
        self.months.stop(seconds)
        self.demand.stop(seconds)
        self.planning.stop(seconds)

    def problems(self) -> Sequence[Message]:
        drift = self.drift.problem if self.drift is not None else None
        watched = (self.watch.problem, self.months.problem, drift)
        own = [problem for problem in watched if problem is not None]
        own += [*only_counting(self.in_force()), *self.waiting.waiting.problems()]
        own += [*self.demand.problems(), *self.planning.problems()]
        return [*own, *self.stops.stopping.problems(), *self.messages.problems()]

    def people(self, socket_mode: int) -> People:
        return self.asking.people(socket_mode)

    def sign_in(self) -> SignIn:
        return SignIn(self.sessions, Attempts(self.clocks.monotonic), self.oidc)


def steering_of(
    home: Home,
    stores: tuple[Store, Budgeting],
    view: AgentView,
    settings: Settings,
    clocks: Clocks,
    full: Callable[[], Collection[Full]] = frozenset,
) -> Steering:
    """`full`: in which budgets what runs has no room for its next hours."""
    store, budgeting = stores
    control, in_force = store.control, InForce(settings)
    messages = messages_of(home, control, view, clocks)
    outbox = messages.outbox
    stops = StoppingLoop(home, control, clocks, StopTelling(outbox))
    sessions = Sessions(control, clocks.wall)
    fencing = fencing_of(home, control, clocks, outbox)
    world = (BudgetOutbox(outbox), stops.stopping, stops.stopping.paid)
    watch = BudgetWatch(home, (control, store), clocks, world, full)
    waiting = WaitingLoop(store, clocks, outbox, Money(watch, budgeting, in_force, clocks))
    overrides = KeptOverrides(control, budgeting, in_force)
    demand = DemandLoop(Demand((control, store), clocks), clocks)
    planning = PlanningLoop(Planning(home, (control, store), clocks, outbox.put), clocks)
    capabilities = Capabilities(
        overrides=overrides,
        stops=Everything(stops.stopping),
        who=sessions.who,
        messages=outbox,
        questions=stops.stopping,
        calls=budgeting.holding,
        fences=fencing.shown,
        waiting=waiting.waiting,
        bring=budgeting.bring,
        demand=lambda: {**demand.as_json(), "plans": planning.as_json()},
    )
    asking = Asking(home, control, in_force, clocks, capabilities)
    by_phone = AskedByPhone(asking.requests, clocks, lambda: in_force().house.zone, overrides.all)
    messages.desk.answer_by(by_phone.handlers, by_phone.preview, by_phone.foreign)
    if budgeting.drift is not None:
        budgeting.drift.tell = outbox.put
    months = ClosingLoop(Closing(home, (control, store), clocks, outbox), clocks)
    return Steering(
        *(stops, messages, watch, fencing, waiting, months, demand, planning, asking, sessions),
        *(Oidc(clocks.monotonic), clocks, in_force, budgeting.drift),
    )
