"""Carrying out what `models/budget` decides: told once, stopped and brought back, month by month.

The ledger refuses calls by itself, also while the agent is dead; here is what follows from it.
Nothing is lost or done twice when the agent is killed: what is to be told is written with its
message in one transaction of control, a stop is written down before anybody is asked for it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agent.budget_ends import Ends
from agent.budget_stops import Hands, Stops
from agent.sampling import Clocks
from data.budget import forget, stops, take_over, take_over_events, told, watermark
from data.control import Control
from data.home import Home
from data.overrides import overrides
from data.requests import orders
from models.budget.alert import alert_of, told_of_event, told_of_tell
from models.budget.kept import Told
from models.budget.orders import Order, Tell
from models.budget.policy import decide
from models.budget.standing import as_allowed, held_back, states_of
from models.budget.state import BucketState
from models.errors import SallimError
from models.messages import Message, say
from models.requests.kept import PAUSE
from models.settings import Settings
from models.tiers import DAY_SECONDS
from sallim.ledger import Ledger, LedgerError
from sallim.money import MICRO

log = logging.getLogger(__name__)

EVENTS_A_STEP = 500
FORGET_EVERY_SECONDS = float(DAY_SECONDS)
MONTH = "budget_month"
"""State of control: the beginning of the last month that was seen."""


class Seen(NamedTuple):
    """What held when it was last looked at."""

    at: float
    states: Mapping[str, BucketState]
    orders: Sequence[Order]


class Limiting:
    """`step` is for one thread; `problem` and `seen` for any."""

    def __init__(self, home: Home, control: Control, clocks: Clocks, hands: Hands) -> None:
        self.problem: Message | None = None
        self.seen = Seen(0.0, {}, ())
        self._home = home
        self._control = control
        self._clocks = clocks
        self._hands = hands
        self.stops = Stops(control, hands)
        self._ends = Ends(control, hands)
        self._settings: Settings | None = None
        self._ledger: Ledger | None = None
        self._forgot_at = float("-inf")

    def take_over(self, settings: Settings) -> None:
        self._settings = settings

    def step(self) -> None:
        """Never raises: trouble becomes `problem`, and what is due is tried again."""
        settings = self._settings
        # The made-up household has nothing that could be stopped.
        if settings is None or settings.demo or not self._home.ledger.exists():
            return
        try:
            problem = self._step(settings)
        except Exception as trouble:
            # Other programs may write the ledger, and whatever they wrote there.
            problem = say("the budgets are not watched: {reason}", reason=str(trouble))
            if problem != self.problem and not isinstance(trouble, LedgerError | SallimError):
                log.exception("a look at the budgets failed")
        if problem is not None and problem != self.problem:
            log.error("%s", problem)
        self.problem = problem

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    def _step(self, settings: Settings) -> Message | None:
        ledger = self._ledger = self._ledger or Ledger.open(self._home.ledger)
        wall = self._clocks.wall()
        now = self._moment(settings, wall)
        states = self._states(ledger, settings, now)
        # Stopped before anybody is told.
        problem = self.stops.carry_out(self._decided(settings, states, now), states, wall)
        self._take_events(ledger, settings, states, wall)
        states = self._with_told(states, now)
        orders = self._decided(settings, states, now)
        self._tell(orders, states, settings, wall)
        self._ends.tell(states, settings, wall)
        self.seen = Seen(wall, states, orders)
        self._forget(wall)
        return problem

    @staticmethod
    def _decided(
        settings: Settings, states: Mapping[str, BucketState], now: float
    ) -> Sequence[Order]:
        return decide(states.values(), settings.budget, now, settings.house.timezone)

    def _moment(self, settings: Settings, wall: float) -> float:
        """A month that is over does not begin again because the clock was put back a little."""
        known = self._control.state(MONTH)
        now, start = held_back(wall, None if known is None else float(known), settings.house.zone)
        if known is None or float(known) != start:
            self._control.set_state(MONTH, repr(start))
        return now

    def _states(self, ledger: Ledger, settings: Settings, now: float) -> dict[str, BucketState]:
        balances = ledger.accounts.balances(int(now * MICRO))
        found = states_of(balances, settings.budget, overrides(self._control), now)
        in_force = {stop.bucket_id: stop for stop in stops(self._control)}
        full = {each[:3] for each in self._hands.full()}
        pauses = orders(self._control, PAUSE, now)
        return {
            name: as_allowed(each, settings.automation, pauses)._replace(
                stopped=self.stops.stopped(in_force.get(name)),
                cap_at=self._hands.cap_at(name, each.version),
                is_full=(name, each.start, int(each.cap_won * MICRO)) in full,
            )
            for name, each in found.items()
        }

    def _with_told(self, states: dict[str, BucketState], now: float) -> dict[str, BucketState]:
        """With what the events of the ledger have told by now."""
        start = min((each.start for each in states.values()), default=now)
        rows = told(self._control, int(start * MICRO))
        return {name: each.with_told(rows) for name, each in states.items()}

    def _take_events(
        self, ledger: Ledger, settings: Settings, states: Mapping[str, BucketState], wall: float
    ) -> None:
        """At the first look what was crossed in months that are over is no news."""
        ledger_id, accounts = ledger.ledger_id, ledger.accounts
        seq = watermark(self._control, ledger_id)
        is_first = seq is None
        if seq is None or seq > accounts.last_seqs()[2]:
            # An older copy of the ledger was put back: its keys say what was told.
            seq = 0
        alerts = self._alerts(settings, states, wall if is_first else float("-inf"))
        while events := accounts.limit_events_since(seq, EVENTS_A_STEP):
            rows = [told_of_event(event, wall) for event in events]
            seq = events[-1].seq
            if is_first:
                # Its watermark comes last: whoever is killed before it begins the first look anew.
                take_over(self._control, rows, alerts)
            else:
                take_over_events(self._control, ledger_id, seq, rows, alerts)
        if is_first:
            take_over_events(self._control, ledger_id, seq, (), alerts)

    def _tell(
        self,
        orders: Sequence[Order],
        states: Mapping[str, BucketState],
        settings: Settings,
        wall: float,
    ) -> None:
        """What the policy sees and no event has said, such as after a rebuild of the ledger."""
        rows = [
            told_of_tell(order, states[order.bucket_id], wall)
            for order in orders
            if isinstance(order, Tell)
        ]
        if rows:
            take_over(self._control, rows, self._alerts(settings, states, float("-inf")))

    def _alerts(
        self, settings: Settings, states: Mapping[str, BucketState], since: float
    ) -> "Alerts":
        return Alerts(self._hands, settings, states, since)

    def _forget(self, wall: float) -> None:
        if self._clocks.monotonic() - self._forgot_at >= FORGET_EVERY_SECONDS:
            self._forgot_at = self._clocks.monotonic()
            forget(self._control, int(wall * MICRO))


@dataclass(frozen=True, slots=True)
class Alerts:
    """Puts the alert of a line into the outbox, in the transaction that remembers the line."""

    hands: Hands
    settings: Settings
    states: Mapping[str, BucketState]
    since: float
    """Of periods that ended before it nothing is told."""

    def __call__(self, connection: object, row: Told) -> None:
        if row.end_us > self.since * MICRO:
            bucket = self.states.get(row.bucket_id)
            zone = self.settings.house.timezone
            self.hands.outbox.put(connection, alert_of(row, bucket, self.settings.budget, zone))
