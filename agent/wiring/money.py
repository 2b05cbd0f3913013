"""What others publish about money, as the settings want it; each source with its timing."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from agent.billing import BillCollector, Reconciliation
from agent.price_listing import PriceCollector
from agent.usage_watching import UsageCollector
from agent.wiring.providers import bill_of, cash_of, prices_of, usage_of
from agent.wiring.source import Source
from data.bills.bills import bills_since
from data.bills.rates import known_rates, put_rates
from data.home import Home
from models.costs.fx import DayRate
from models.costs.price_list import wanted_of
from models.errors import SourceUnreachable, StoreError
from models.messages import say
from models.monitoring import Collector, Timing
from models.settings import Settings
from models.settings.bill import Bill
from models.tiers import HOUR_SECONDS

FX = Timing(6.0 * HOUR_SECONDS, timeout_seconds=60, series_max=10, retry_seconds=300)
"""Rates come once a day, at about 16:00 CET; so one is taken over after six hours at most."""
BILL = Timing(6.0 * HOUR_SECONDS, timeout_seconds=300, series_max=10, retry_seconds=300)
COMPARING = Timing(6.0 * HOUR_SECONDS, timeout_seconds=300, series_max=10, retry_seconds=300)

CASH = Timing(600.0, timeout_seconds=60, series_max=10, retry_seconds=600, retry_seconds_max=3600)
USAGE = Timing(300.0, timeout_seconds=120, series_max=10, retry_seconds=300, retry_seconds_max=3600)
PRICES = Timing(24.0 * HOUR_SECONDS, timeout_seconds=60, series_max=50, retry_seconds=300)


def money_sources(
    settings: Settings,
    machine: str,
    home: Home,
    clock: Callable[[], float],
    renew: Callable[[], None] = lambda: None,
) -> Iterator[Source]:
    """`renew` is called when what guards read has to be written anew. `clock`: UTC epoch."""
    if settings.demo:
        return
    if settings.exchange.online:
        from agent.bills.fx import FxCollector

        def keep(rates: Sequence[DayRate]) -> None:
            try:
                put_rates(home, rates, clock())
            except StoreError as error:
                raise SourceUnreachable("fx", say("{reason}", reason=str(error))) from error
            renew()

        yield Source(FxCollector(lambda: known_rates(home)[0], keep, clock), FX, machine)
    for bill in settings.bill:
        for collector, timing in _of_provider(bill, settings, home, clock):
            yield Source(collector, timing, machine)
    if settings.bill or _has_bills(home):
        yield Source(Reconciliation(home, settings.house.zone, clock), COMPARING, machine)


def _of_provider(
    bill: Bill, settings: Settings, home: Home, clock: Callable[[], float]
) -> Iterator[tuple[Collector, Timing]]:
    """Each of what can be asked of it is a source with a state of its own."""
    name, environ = f"bill:{bill.name}", os.environ
    reads = bill_of(bill, name, environ, settings.house.zone)
    if reads is not None:
        yield BillCollector(name, reads, home, clock), BILL
    name = f"cash:{bill.name}"
    cash = cash_of(bill, name, environ)
    if cash is not None:
        yield BillCollector(name, cash, home, clock), CASH
    name = f"usage:{bill.name}"
    counting = usage_of(bill, name, environ)
    if counting is not None:
        yield UsageCollector(name, counting, home, clock), USAGE
    name = f"prices:{bill.name}"
    lists = prices_of(bill, name, environ)
    if lists is not None:
        yield PriceCollector(name, lists, wanted_of(settings)), PRICES


def _has_bills(home: Home) -> bool:
    with suppress(StoreError):
        return bool(bills_since(home, 0))
    return False
