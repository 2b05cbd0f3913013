"""What falls due without a call: reserved when its month begins, booked on its day."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from agent.sampling import Clocks
from data.bills.hours import Day, add_hours, looked_at, note_booked, unbooked
from data.bills.notes import began
from data.bills.rates import known_rates
from data.home import Home
from models.costs.charges import (
    Cost,
    Item,
    Price,
    asked_of,
    at_rate,
    cost_of,
    price_of,
    settlement_of,
)
from models.costs.dues import by_day, charged_seconds, fixed_due, on_seconds, rented_item
from models.costs.fx import booking
from models.costs.periods import Period, day_of, period_at, start_of
from models.errors import StoreError
from models.machines import MachineState
from models.messages import Message, say
from models.settings import Settings
from models.settings.fixed import Fixed
from models.tiers import DAY_SECONDS
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import ESTIMATED, Refused
from sallim.money import MICRO, won_text

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
LATE_SECONDS = 3.0 * DAY_SECONDS
"""After the end of its month, what is reserved for it and was never booked counts in full."""
HOUR_SECONDS = 3600


class Dues:
    """`step` is for the store's loop alone."""

    def __init__(
        self, home: Home, machines: Callable[[], Sequence[MachineState]], clocks: Clocks
    ) -> None:
        self.problem: Message | None = None
        self._home = home
        self._machines = machines
        self._clocks = clocks
        self._settings: Settings | None = None
        self._due_at = float("-inf")

    def take_over(self, settings: Settings) -> None:
        self._settings, self._due_at = settings, float("-inf")

    def step(self) -> None:
        """Never raises: trouble becomes `problem`, and what is due is tried again."""
        settings, now = self._settings, self._clocks.monotonic()
        if settings is None or settings.demo or now < self._due_at:
            return
        if not settings.fixed and not settings.rented:
            self.problem = None
            return
        self._due_at = now + EVERY_SECONDS
        try:
            accounts = Accounts.open(self._home.ledger)
            try:
                problem = _Round(self._home, accounts, settings, self._clocks.wall()).take(
                    self._machines()
                )
            finally:
                accounts.close()
        except (LedgerError, StoreError, OSError, ValueError) as trouble:
            problem = say("fixed costs are not counted: {reason}", reason=str(trouble))
        if problem is not None and problem != self.problem:
            log.error("%s", problem)
        self.problem = problem


class _Round:
    """One look at what is due, at one moment; `now` is UTC epoch seconds."""

    def __init__(self, home: Home, accounts: Accounts, settings: Settings, now: float) -> None:
        self._home = home
        self._accounts = accounts
        self._settings = settings
        self._zone = settings.house.zone
        self._now = now
        self._rates = known_rates(home)[0]

    def take(self, machines: Sequence[MachineState]) -> Message | None:
        """What a person must know of it, else None."""
        month = period_at(self._now, "month", self._zone)
        before = period_at(month.since - 1, "month", self._zone)
        # Nobody may have been there on the day of last month.
        months = [before, month] if before.until > began(self._home, self._now) else [month]
        problems = [self._fixed(each, month) for month in months for each in self._settings.fixed]
        self._hours(machines)
        return next((problem for problem in problems if problem is not None), None)

    def _fixed(self, fixed: Fixed, month: Period) -> Message | None:
        due = fixed_due(fixed, month, self._zone)
        is_due = self._now >= due.at
        cost = self._cost(due.item, price_of(fixed.month_price), due.at, is_due=is_due)
        asked = asked_of(
            due.item, cost, month.since * MICRO, int((month.until + LATE_SECONDS) * MICRO)
        )
        if is_due:
            settled = settlement_of(due.item, cost, ESTIMATED, int(due.at * MICRO))
            if not self._accounts.settle(due.item.key, 1, settled):
                self._accounts.book(asked, settled)
            return None
        answer = self._accounts.reserve(asked)
        if isinstance(answer, Refused) and answer.code == "budget":
            return say(
                "{name} costs {won} won this month, and {bucket} has only {left} left; it is "
                "booked on its day all the same",
                name=fixed.name,
                won=won_text(answer.needed_micro),
                bucket=answer.bucket_id,
                left=won_text(answer.left_micro),
            )
        return None

    def _hours(self, machines: Sequence[MachineState]) -> None:
        rented = {each.name: each for each in self._settings.rented}
        since = looked_at(self._home)
        days = [
            Day(name, day, seconds)
            for name, each in rented.items()
            if since is not None
            and (span := on_seconds(since, self._now, machines, each.machine or name))
            for day, seconds in by_day(span, self._zone).items()
        ]
        if since is None or self._now > since:
            add_hours(self._home, days, self._now)
        for day in unbooked(self._home, day_of(self._now, self._zone)):
            # One that was taken out of the settings in between has no price any more.
            if day.name in rented:
                self._book_hours(day)

    def _book_hours(self, day: Day) -> None:
        rented = next(each for each in self._settings.rented if each.name == day.name)
        seconds = charged_seconds(day.seconds, rented.increment_seconds)
        item = rented_item(rented, day.day, seconds)
        at = start_of(day.day, self._zone)
        hour = price_of(rented.hour_price)
        price = hour._replace(amount=hour.amount * seconds / HOUR_SECONDS)
        cost = self._cost(item, price, at, is_due=True)
        at_us = at * MICRO
        self._accounts.book(
            asked_of(item, cost, at_us, at_us),
            settlement_of(item, cost, ESTIMATED, int(self._now * MICRO)),
        )
        note_booked(self._home, day)

    def _cost(self, item: Item, price: Price, at: float, *, is_due: bool) -> Cost:
        """Raises ValueError where the ledger has no exchange rate yet."""
        exchange = self._accounts.exchange_for(item.provider)
        if exchange is None:
            raise ValueError("the ledger has no exchange rate")
        rate = booking(self._rates, datetime.fromtimestamp(at, self._zone).date())
        return cost_of(price, at_rate(exchange, rate) if is_due else exchange, rate)
