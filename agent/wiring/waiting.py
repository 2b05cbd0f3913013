"""Work that waits for money: by whom it is run again, by which money, and its loop."""

from dataclasses import dataclass

from agent.budget_watch import BudgetWatch
from agent.budgeting import Budgeting
from agent.outbox.sending import Outbox
from agent.sampling import Clocks
from agent.stopping.carrying import on_a_thread
from agent.ticking import Ticking
from agent.waiting import Waiting
from agent.wiring.requests import InForce
from agent.wiring.stopping import house_of
from data.control import Control
from data.ops.store import Store
from models.alerts import Alert, Severity
from models.messages import say
from models.settings import Settings
from models.waiting.item import WaitingItem
from models.waiting.pacing import Standing, room_of
from models.watchdog import Tick
from sallim.ledger import LedgerError
from sallim.money import won_text

PERIOD_SECONDS = 10.0
TURN_SECONDS = 60.0
"""A step asks the store alone; a large one may take its time."""
OLD_SECONDS = 60.0
"""What was seen of the budgets longer ago is nothing to go by."""


@dataclass(frozen=True, slots=True)
class Money:
    """How much there is, by what the loop of the budgets has just seen."""

    watch: BudgetWatch
    budgeting: Budgeting
    in_force: InForce
    clocks: Clocks

    def __call__(self) -> Standing | None:
        """None while nobody knows: then nothing is begun."""
        seen, settings = self.watch.limiting.seen, self.in_force()
        if not 0 <= self.clocks.wall() - seen.at <= OLD_SECONDS:
            return None
        rooms = {name: room_of(state, settings.budget) for name, state in seen.states.items()}
        holding = self.budgeting.holding
        try:
            is_held = holding is not None and holding.since() is not None
        except LedgerError:
            return None
        return Standing(rooms, is_held)

    def period_of(self, bucket_id: str) -> str:
        """Names the money that there is: of another month, or raised, it is told anew."""
        state = self.watch.limiting.seen.states.get(bucket_id)
        return "" if state is None else f"{int(state.start)}:{state.version}"


class Asks:
    """Tells a person once that work could run again."""

    def __init__(self, control: Control, outbox: Outbox, money: Money) -> None:
        self._control = control
        self._outbox = outbox
        self._money = money
        self._told = ""

    def __call__(self, item: WaitingItem, count: int) -> None:
        """Raises StoreError."""
        key = f"waiting:{item.bucket_id}:{self._money.period_of(item.bucket_id)}"
        if key == self._told:
            return
        alert = Alert(
            key,
            "waiting",
            Severity.INFO,
            say("there is money again, and {count} pieces of work wait for your word", count=count),
            (
                say(
                    "first {what}, about {won} won",
                    what=item.title,
                    won=won_text(item.estimated_micro),
                ),
                say("Run them on the page of the budget, or leave them."),
            ),
            "/budget?tab=waiting",
            item.bucket_id,
        )
        with self._control.transaction() as connection:
            self._outbox.put(connection, alert)
        self._told = key


class WaitingLoop:
    """Lives as long as the agent, on a thread of its own."""

    def __init__(self, store: Store, clocks: Clocks, outbox: Outbox, money: Money) -> None:
        tell = Asks(store.control, outbox, money)
        self.waiting = Waiting(store.control, store, clocks, money, tell, on_a_thread)
        self.ticking = Ticking("waiting", self.waiting.step, PERIOD_SECONDS, clocks)

    def take_over(self, settings: Settings) -> None:
        self.waiting.take_over(settings, {n8n.name: house_of(n8n) for n8n in settings.n8n})

    def start(self) -> None:
        self.ticking.start()

    def tick(self) -> Tick:
        return Tick(self.ticking.ticked_at, TURN_SECONDS)

    def stop(self, seconds: float) -> bool:
        """False if the step that runs did not end in time."""
        return self.ticking.stop(seconds)
