"""The loop of the budgets: the ledger is looked at every second, the course of a month hourly."""

from collections.abc import Callable, Collection
from contextlib import suppress

from agent.asking import Asking
from agent.budget import Limiting
from agent.budget_stops import Hands, Outbox, Paid, Stopping
from agent.knowing import Knowing
from agent.projecting import Projecting
from agent.sampling import Clocks
from agent.ticking import Ticking
from agent.waiting.pausing import Pausing
from data.control import Control
from data.home import Home
from models.budget.full import Full
from models.errors import SallimError, StoreError
from models.messages import Message, say
from models.settings import Settings
from models.watchdog import Tick

PERIOD_SECONDS = 1.0
"""From the call that crosses a line to its message there are five seconds at most."""
TURN_SECONDS = 10.0
"""A turn may take so long while another process holds the ledger, without being called silent."""


class BudgetWatch:
    """Made once, started once; `take_over` for whoever reads settings."""

    def __init__(
        self,
        home: Home,
        stores: tuple[Control, Asking],
        clocks: Clocks,
        world: tuple[Outbox, Stopping, Paid],
        full: Callable[[], Collection[Full]] = frozenset,
    ) -> None:
        """`stores`: where it remembers, and where the days of the past are. `full`: see Hands."""
        control, store = stores
        self.projecting = Projecting(home, store, clocks)
        hands = Hands(*world, self.projecting.cap_at, full)
        self._knowing, self._clocks = Knowing(control), clocks
        self.limiting = Limiting(home, control, clocks, hands)
        self.pausing = Pausing(control, store, clocks, (*world[:2], self.limiting.stops))
        self._settings: Settings | None = None
        self._pause_problem: Message | None = None
        self.ticking = Ticking("budget", self._step, PERIOD_SECONDS, clocks)

    @property
    def problem(self) -> Message | None:
        return self.limiting.problem or self._pause_problem

    def take_over(self, settings: Settings) -> None:
        self._settings = settings
        self.projecting.take_over(settings)
        self.limiting.take_over(settings)

    def start(self) -> None:
        self.ticking.start()

    def tick(self) -> Tick:
        return Tick(self.ticking.ticked_at, TURN_SECONDS)

    def stop(self, seconds: float) -> bool:
        """False if the step that runs did not end in time."""
        ended = self.ticking.stop(seconds)
        if ended:
            self.limiting.close()
        return ended

    def _step(self) -> None:
        self.limiting.step()
        self._pause()
        with suppress(StoreError):  # The next step comes here again.
            self._knowing.step(self.limiting.seen.states, self._clocks.wall())
        self.projecting.step()

    def _pause(self) -> None:
        """Never raises: by what was just seen, and only where that worked."""
        if self._settings is None or self._settings.demo or self.limiting.problem is not None:
            return
        try:
            self.pausing.step(self._settings, self.limiting.seen.states)
            self._pause_problem = None
        except SallimError as error:
            self._pause_problem = say(
                "a workflow that can only fail is not paused: {reason}", reason=str(error)
            )
