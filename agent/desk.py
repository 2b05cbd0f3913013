"""Where what falls due is priced and written: one look at the ledger, at one moment."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from data.bills.rates import known_rates
from data.home import Home
from models.costs.charges import Cost, Item, Price, asked_of, at_rate, cost_of, settlement_of
from models.costs.fx import DayRate, booking
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import ESTIMATED
from sallim.money import MICRO


class Desk(NamedTuple):
    """`now` is UTC epoch seconds; `rates` are all that are known, by their days."""

    home: Home
    accounts: Accounts
    settings: Settings
    rates: list[DayRate]
    now: float

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.house.zone

    @property
    def now_us(self) -> int:
        return int(self.now * MICRO)

    def cost(self, provider: str, price: Price, at: float, *, is_due: bool) -> Cost:
        """What is due takes the rate of its day, what is kept free the one that guards use.

        Raises ValueError where the ledger has no exchange rate yet.
        """
        exchange = self.accounts.exchange_for(provider)
        if exchange is None:
            raise ValueError("the ledger has no exchange rate")
        rate = booking(self.rates, datetime.fromtimestamp(at, self.zone).date())
        return cost_of(price, at_rate(exchange, rate) if is_due else exchange, rate)

    def book(
        self, item: Item, price: Price, at: float, instead_of: Iterable[tuple[str, int]] = ()
    ) -> None:
        """Once, however often it is said; in the period of `at`. `instead_of`: see the ledger."""
        cost = self.cost(item.provider, price, at, is_due=True)
        at_us = int(at * MICRO)
        settlement = settlement_of(item, cost, ESTIMATED, self.now_us)
        self.accounts.book(asked_of(item, cost, at_us, at_us), settlement, instead_of)


def desk_of(home: Home, accounts: Accounts, settings: Settings, now: float) -> Desk:
    """Raises StoreError."""
    return Desk(home, accounts, settings, known_rates(home)[0], now)
