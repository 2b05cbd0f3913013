"""The owner's budgets, exchange rates and prices, written into the ledger for every guard to read.

Guards read the ledger alone, so what was written holds with the agent dead.
"""

import logging
import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple

from agent.drift import Drift
from agent.holding import Holding
from agent.sampling import Clocks
from data.bills.notes import began
from data.bills.rates import known_rates
from data.control import Control
from data.home import Home
from data.months import plans
from data.overrides import end_those_over, overrides
from models.budget.kept_months import KeptPlan
from models.budget.overrides import Override
from models.costs.budget_rows import are_same, budgets_of, periods_of, quotas_of, rates_of
from models.costs.fx import enforced
from models.costs.periods import period_at
from models.errors import StoreError
from models.messages import Message, say
from models.owner_prices import exchange_rows
from models.settings import Settings
from models.tiers import DAY_SECONDS
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Exchange
from sallim.money import MICRO
from sallim.prices import shipped

log = logging.getLogger(__name__)

AGAIN_SECONDS = float(DAY_SECONDS)
"""The months ahead move on; an older copy of the ledger that was put back gets its rules."""
RETRY_SECONDS = 10.0


class Allowed(NamedTuple):
    """What people have said beside the settings: raises and releases, and plans of months."""

    overrides: Sequence[Override] = ()
    plans: Sequence[KeptPlan] = ()


NOTHING_ALLOWED = Allowed()


class Budgeting:
    """`take_over` is for the supervisor, `step` for the store's loop; both may come at a time.

    The ledger is made where there is none: without a budget in it every call is refused.
    """

    def __init__(self, home: Home, clocks: Clocks, control: Control | None = None) -> None:
        """`control` keeps what people raise and release; without it nothing is."""
        self.problem: Message | None = None
        self._home = home
        self._clocks = clocks
        self._control = control
        self.holding = Holding(home, control) if control is not None else None
        self.drift = Drift(control, clocks) if control is not None else None
        self._turn = threading.RLock()
        self._settings: Settings | None = None
        self._due_at = float("-inf")
        self._ends_at = float("inf")

    def take_over(self, settings: Settings) -> None:
        """Write what they say at once; what cannot be written is tried again by `step`."""
        for text in settings.budget.beyond:
            log.warning("%s", text)
        self._settings = settings
        self._due_at = float("-inf")
        self.step()

    def renew(self) -> None:
        """Have the next `step` write it all: a newer exchange rate, a raise. For any thread."""
        self._due_at = float("-inf")

    def bring(self) -> Message | None:
        """Have the ledger know it all before this returns; else what keeps it from that."""
        self.renew()
        self.step()
        return self.problem

    def step(self) -> None:
        """Never raises: a ledger's trouble becomes `problem`."""
        settings, now = self._settings, self._clocks.monotonic()
        # The made-up household has a ledger of its own making.
        if settings is None or settings.demo:
            return
        with self._turn:
            try:
                if now >= self._due_at or self._clocks.wall() >= self._ends_at:
                    # First: who calls `renew` meanwhile has it written once more.
                    self._due_at = now + AGAIN_SECONDS
                    self._write(settings, self._clocks.wall())
                    self.problem = None
                else:
                    self._watch(settings)
            except Exception as trouble:  # noqa: BLE001  # others may have written anything there
                self._fail(trouble, now)

    def _fail(self, trouble: Exception, now: float) -> None:
        problem = say("the budgets are not in the ledger: {reason}", reason=str(trouble))
        if problem != self.problem:
            is_known = isinstance(trouble, LedgerError | StoreError | OSError | ValueError)
            log.error("%s", problem, exc_info=None if is_known else trouble)
        self.problem, self._due_at = problem, now + RETRY_SECONDS

    def _watch(self, settings: Settings) -> None:
        """What somebody else wrote into the ledger is written anew, and told."""
        if self.drift is None:
            return
        with closing(Accounts.open(self._home.ledger)) as accounts:
            is_due = self.drift.is_due(accounts)
            if self.holding is not None and self.holding.is_lifted(accounts):
                self.drift.lifted()
                is_due = True
            if not is_due:
                self.drift.recount(accounts)
        if is_due:
            self._write(settings, self._clocks.wall())

    def _write(self, settings: Settings, wall: float) -> None:
        allowed = Allowed()
        if self._control is not None:
            end_those_over(self._control, wall)
            allowed = Allowed(overrides(self._control), plans(self._control))
        with closing(Accounts.open(self._home.ledger)) as accounts:
            if self.holding is not None:
                # A new ledger is held before it has a budget.
                self.holding.insist(accounts)
            if self.drift is not None and self.drift.begin(accounts):
                # Nor is the rate of exchange to be believed that stands there.
                accounts.put_exchange(exchange_rows(shipped().exchange, settings.exchange))
            write(accounts, settings, self._home, wall, allowed)
            if self.drift is not None:
                self.drift.end(accounts)
                self.drift.recount(accounts)
        ends = [each.expires_at for each in allowed.overrides if each.is_live(wall)]
        # Another plan may hold from there on.
        month = period_at(wall, "month", settings.house.zone)
        self._ends_at = min([*ends, float(month.until)])


def write(
    accounts: Accounts,
    settings: Settings,
    home: Home,
    now: float,
    allowed: Allowed = NOTHING_ALLOWED,
) -> None:
    """Put everything a guard needs into the ledger. `now` is UTC epoch seconds.

    The owner's VAT and fee are laid over the newest rate there is. Raises LedgerError, StoreError.
    """
    brought = shipped()
    known = accounts.all_rates()
    rates = rates_of(known, brought.rates, settings, int(now * MICRO))
    if not are_same(known, rates):
        accounts.put_rates(rates)
    if accounts.exchange_for("") is None:
        accounts.put_exchange(exchange_rows(brought.exchange, settings.exchange))
    # Whoever finds a budget finds prices and a rate as well.
    budgets = budgets_of(settings, allowed.overrides, now, allowed.plans)
    accounts.put_budgets(budgets, periods_of(settings, now), int(now * MICRO))
    accounts.put_quotas(quotas_of(settings))
    # Last, since it needs a file that may be damaged.
    began(home, now)
    accounts.put_exchange(exchange_rows(_rate(accounts, home, now), settings.exchange))


def _rate(accounts: Accounts, home: Home, now: float) -> Exchange:
    """By the days that are known; else the one in the ledger, else the one that came along."""
    brought = shipped().exchange
    rates, fetched_at = known_rates(home)
    today = datetime.fromtimestamp(now, UTC).date()
    found = enforced(rates, today, int(fetched_at * MICRO)) or accounts.exchange_for("")
    return found if found is not None and found.rate_date > brought.rate_date else brought
