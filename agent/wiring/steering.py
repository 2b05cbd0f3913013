"""What people and budgets decide, who carries it out, and who tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.attempts import Attempts
from agent.budget_watch import BudgetWatch
from agent.budgeting import Budgeting
from agent.closing import Closing
from agent.oidc import Oidc
from agent.overriding import KeptOverrides
from agent.requests.stopping import PERSON
from agent.sampling import Clocks
from agent.server import SignIn
from agent.server.requests import People
from agent.sessions import Sessions
from agent.stopping import Stopping
from agent.view import AgentView
from agent.wiring.asked_by_phone import AskedByPhone
from agent.wiring.messages import Messages, messages_of
from agent.wiring.months import ClosingLoop
from agent.wiring.requests import Asking, InForce
from agent.wiring.requests import Parts as Capabilities
from agent.wiring.stopping import StoppingLoop
from agent.wiring.telling import BudgetOutbox, StopTelling
from data.home import Home
from data.ops.store import Store
from models.budget.words import only_counting
from models.messages import Message
from models.settings import Settings


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
    asking: Asking
    sessions: Sessions
    oidc: Oidc
    clocks: Clocks
    in_force: InForce
    months: ClosingLoop

    def take_over(self, settings: Settings) -> None:
        self.stops.take_over(settings)
        self.messages.take_over(settings)
        self.watch.take_over(settings)
        self.months.take_over(settings)
        self.asking.take_over(settings)
        self.sessions.is_open = not settings.asks_who
        self.oidc.take_over(settings.oidc, settings.app.url)

    def start(self) -> None:
        self.messages.start()
        self.watch.start()
        self.months.start()

    def stop(self, seconds: float) -> None:
        """What is under way is gone on with after the next start."""
        self.stops.end()
        self.messages.stop(seconds)
        self.watch.stop(seconds)
        self.months.stop(seconds)

    def problems(self) -> Sequence[Message]:
        watched = (self.watch.problem, self.months.problem)
        own = [problem for problem in watched if problem is not None]
        own += only_counting(self.in_force())
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
) -> Steering:
    store, budgeting = stores
    control, in_force = store.control, InForce(settings)
    messages = messages_of(home, control, view, clocks)
    outbox = messages.outbox
    stops = StoppingLoop(home, control, clocks, StopTelling(outbox))
    sessions = Sessions(control, clocks.wall)
    capabilities = Capabilities(
        overrides=KeptOverrides(control, budgeting, in_force),
        stops=Everything(stops.stopping),
        who=sessions.who,
        acknowledge=outbox.acknowledge,
        questions=stops.stopping,
        calls=budgeting.holding,
        bring=budgeting.bring,
    )
    asking = Asking(home, control, in_force, clocks, capabilities)
    by_phone = AskedByPhone(asking.requests, clocks, lambda: in_force().house.zone)
    messages.desk.answer_by(by_phone.handlers, by_phone.preview, by_phone.foreign)
    world = (BudgetOutbox(outbox), stops.stopping, stops.stopping.paid)
    watch = BudgetWatch(home, (control, store), clocks, world)
    months = ClosingLoop(Closing(home, (control, store), clocks, outbox), clocks)
    oidc = Oidc(clocks.monotonic)
    return Steering(stops, messages, watch, asking, sessions, oidc, clocks, in_force, months)
