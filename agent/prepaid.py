"""Money paid ahead: each balance beside what burns it, told to the store and, in time, to all."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial

from agent.asking import Asking
from agent.sampling import Clocks
from data.bills.cash import Account, figures, forgotten, put_figures
from data.bills.rates import known_rates
from data.home import Home
from data.ops.asked import Spent, cash_told, spent
from models.costs.charges import CURRENCIES
from models.costs.fx import DayRate
from models.costs.prepaid import DAY_SECONDS, WINDOWS_DAYS, Burnt, Figure, Outlook, outlook
from models.costs.prepaid_json import prepaid_json
from models.costs.prepaid_words import Rule, problems_of, warning
from models.costs.told import HOUSE, MONEY, PREPAID
from models.errors import StoreError
from models.messages import Message
from models.monitoring import Record, Thing
from models.settings import Settings
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.money import MICRO

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
TELL_SECONDS = 600.0
"""Also where little has changed: the pace moves all the time."""
WON_PER_USD = Decimal(1400)
"""For a floor in won while the ledger has no rate."""
LEAST_USD = {"CNY": Decimal("0.12")}
"""Of a currency without a rate here: below what it was for years, so that it burns faster."""


class Prepaid:
    """`step` is for the store's loop alone; `problems` for any thread."""

    def __init__(
        self, home: Home, store: Asking, tell: Callable[[Sequence[Record]], None], clocks: Clocks
    ) -> None:
        self.problems: Sequence[Message] = ()
        self._home = home
        self._store = store
        self._tell = tell
        self._clocks = clocks
        self._settings: Settings | None = None
        self._looked_at = self._told_at = float("-inf")
        self._told: dict[Account, Decimal] | None = None

    def take_over(self, settings: Settings) -> None:
        self._settings, self._looked_at = settings, float("-inf")

    def step(self) -> None:
        """Never raises for what a file may refuse: others tell that already."""
        settings, monotonic = self._settings, self._clocks.monotonic()
        if settings is None or settings.demo or monotonic - self._looked_at < EVERY_SECONDS:
            return
        self._looked_at = monotonic
        now = self._clocks.wall()
        try:
            self._look(settings, now)
        except (StoreError, LedgerError, ValueError) as error:
            log.debug("%s", error)

    def _look(self, settings: Settings, now: float) -> None:
        rates, won = known_rates(self._home)[0], self._won_per_usd()
        rule = Rule(Decimal(repr(settings.prepaid.warn_days)), Decimal(settings.prepaid.floor_krw))
        zone = settings.house.zone
        found = []
        for account, told in self._figures().items():
            one = outlook(account, told, self._burnt(account, told[-1].at, rates, now), now)
            won_each = won * _usd_each(one.currency, won, rates)
            found.append(one._replace(warning=warning(one, rule, won_each, zone)))
        self.problems = [problem for one in found for problem in problems_of(one, now, zone)]
        self._say(found, now)

    def _figures(self) -> dict[Account, list[Figure]]:
        """With what providers said since; the store knows their last word alone."""
        known, gone = figures(self._home), forgotten(self._home)
        news = [
            told
            for told in self._store.read(cash_told)
            if told.figure.at > self._known_until(told.account, known, gone)
        ]
        if not news:
            return known
        put_figures(self._home, news)
        return figures(self._home)

    @staticmethod
    def _known_until(
        account: Account, known: Mapping[Account, Sequence[Figure]], gone: Mapping[str, float]
    ) -> float:
        last = known[account][-1].at if account in known else float("-inf")
        return max(last, gone.get(account[0], float("-inf")))

    def _burnt(
        self, account: Account, told_at: float, rates: Sequence[DayRate], now: float
    ) -> Burnt:
        provider, currency = account
        if currency not in CURRENCIES:
            return Burnt()  # What calls cost in it nobody knows; the balance itself tells.
        moments = [now - days * DAY_SECONDS for days in WINDOWS_DAYS]
        *windows, since = self._store.read(
            partial(spent, provider=provider, moments=[*moments, told_at])
        )
        first_at = windows[-1].first_at
        known_days = Decimal(now - first_at) / DAY_SECONDS if first_at is not None else Decimal(0)
        return Burnt(
            tuple(_in(currency, one, rates) for one in windows),
            _in(currency, since, rates),
            known_days,
        )

    def _won_per_usd(self) -> Decimal:
        if not self._home.ledger.exists():
            return WON_PER_USD
        accounts = Accounts.open(self._home.ledger)
        try:
            exchange = accounts.exchange_for("")
        finally:
            accounts.close()
        return WON_PER_USD if exchange is None else Decimal(exchange.micro_won_per_usd) / MICRO

    def _say(self, found: Sequence[Outlook], now: float) -> None:
        told = {(one.provider, one.currency): one.told for one in found}
        monotonic = self._clocks.monotonic()
        if told == self._told and monotonic - self._told_at < TELL_SECONDS:
            return
        self._told, self._told_at = told, monotonic
        detail = json.dumps([prepaid_json(one) for one in found])
        self._tell([Thing(MONEY, HOUSE, PREPAID, "", detail, now)])


def _in(currency: str, one: Spent, rates: Sequence[DayRate]) -> Decimal:
    """What calls cost in the currency of a balance; won are with VAT and fee, so too much."""
    if currency == "KRW":
        return one.won
    return one.usd / _usd_each(currency, WON_PER_USD, rates)


def _usd_each(currency: str, won_per_usd: Decimal, rates: Sequence[DayRate]) -> Decimal:
    """What one of a currency is in dollars. Without a rate a euro is one: it burns faster then."""
    if currency == "KRW":
        return 1 / won_per_usd
    newest = max(rates, default=None)
    if currency == "EUR" and newest is not None:
        return newest.won_per_eur / newest.won_per_usd
    return LEAST_USD.get(currency, Decimal(1))
