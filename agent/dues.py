"""What falls due without a call: reserved when its month begins, booked on its day."""

import json
import logging
from collections.abc import Callable, Sequence

from agent.desk import desk_of
from agent.fixed_items import keep_fixed
from agent.leases import keep_leases
from agent.rented_hours import hourly, keep_hours
from agent.sampling import Clocks
from data.home import Home
from models.budget.full import Full, still_full
from models.costs.told import HOURLY, HOUSE, MONEY
from models.errors import StoreError
from models.machines import MachineState
from models.messages import Message, say
from models.monitoring import Record, Thing
from models.settings import Settings
from models.tiers import DAY_SECONDS
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0


class Dues:
    """`step` is for the store's loop alone."""

    def __init__(
        self,
        home: Home,
        machines: Callable[[], Sequence[MachineState]],
        clocks: Clocks,
        tell: Callable[[Sequence[Record]], None] = lambda _: None,
    ) -> None:
        """`tell` brings what is no row of the ledger to the store."""
        self.problem: Message | None = None
        self.full: frozenset[Full] = frozenset()
        """In which budgets running machines have no room for their next hours. For any thread."""
        self._home = home
        self._machines = machines
        self._clocks = clocks
        self._settings: Settings | None = None
        self._due_at = self._told_at = float("-inf")
        self._tell = tell
        self._told = ""

    def take_over(self, settings: Settings) -> None:
        self._settings, self._due_at = settings, float("-inf")

    def step(self) -> None:
        """Never raises: trouble becomes `problem`, and what is due is tried again."""
        settings, now = self._settings, self._clocks.monotonic()
        if settings is None or settings.demo or now < self._due_at:
            return
        self._due_at = now + EVERY_SECONDS
        try:
            problem = self._step(settings)
        except (LedgerError, StoreError, OSError, ValueError) as trouble:
            problem = say("fixed costs are not counted: {reason}", reason=str(trouble))
        if problem is not None and problem != self.problem:
            log.error("%s", problem)
        self.problem = problem

    def _step(self, settings: Settings) -> Message | None:
        # Of what was taken out of the settings the ledger may still keep something free.
        if not settings.fixed and not settings.rented and not self._home.ledger.exists():
            return None
        accounts = Accounts.open(self._home.ledger)
        try:
            desk = desk_of(self._home, accounts, settings, self._clocks.wall())
            problem = keep_fixed(desk)
            if settings.rented:
                keep_hours(desk, self._machines())
            leases = keep_leases(desk, self._machines())
            self.full = leases.full | still_full(self.full, accounts.balances(desk.now_us))
            self._say(HOURLY, hourly(desk, self._machines()))
            return problem or leases.problem
        finally:
            accounts.close()

    def _say(self, name: str, shapes: Sequence[dict[str, str]]) -> None:
        """Where it has changed, and daily, since the store may have lost it."""
        detail, monotonic = json.dumps(shapes), self._clocks.monotonic()
        if detail != self._told or monotonic - self._told_at >= DAY_SECONDS:
            self._told, self._told_at = detail, monotonic
            self._tell([Thing(MONEY, HOUSE, name, "", detail, self._clocks.wall())])
