"""What others publish about money, as the settings want it; each source with its timing."""

import importlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from zoneinfo import ZoneInfo

from agent.billing import BillCollector, Reads, Reconciliation
from agent.wiring.source import Source
from data.bills.bills import bills_since
from data.bills.rates import known_rates, put_rates
from data.credentials import secret
from data.home import Home
from models.costs.bills import Told
from models.costs.fx import DayRate
from models.errors import ConfigError, SourceRefused, SourceUnreachable, StoreError
from models.messages import say
from models.monitoring import Timing
from models.settings import Settings
from models.settings.bill import Bill
from models.tiers import HOUR_SECONDS

FX = Timing(6.0 * HOUR_SECONDS, timeout_seconds=60, series_max=10, retry_seconds=300)
"""Rates come once a day, at about 16:00 CET; so one is taken over after six hours at most."""
BILL = Timing(6.0 * HOUR_SECONDS, timeout_seconds=300, series_max=10, retry_seconds=300)
COMPARING = Timing(6.0 * HOUR_SECONDS, timeout_seconds=300, series_max=10, retry_seconds=300)

READERS = {
    "openai": ("openai", "OpenAiBill"),
    "anthropic": ("anthropic", "AnthropicBill"),
    "openrouter": ("openrouter", "OpenRouterBill"),
    "runpod": ("runpod", "RunPodBill"),
    "vast": ("vast", "VastBill"),
}


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
        name = f"bill:{bill.name}"
        reads = reader_of(bill, name, os.environ, settings.house.zone)
        yield Source(BillCollector(name, reads, home, clock), BILL, machine)
    if settings.bill or _has_bills(home):
        yield Source(Reconciliation(home, settings.house.zone, clock), COMPARING, machine)


def reader_of(bill: Bill, source: str, environ: Mapping[str, str], zone: ZoneInfo) -> Reads:
    """`source` is whom its errors name."""
    if bill.source == "export":
        from agent.bills.export import ExportBill

        return ExportBill(source, bill.path, zone)
    return _Keyed(bill, source, environ)


class _Keyed:
    """Looks for the key at each reading, so that one that is put there later is found."""

    def __init__(self, bill: Bill, source: str, environ: Mapping[str, str]) -> None:
        self._bill = bill
        self._source = source
        self._environ = environ

    def read(self, now: float) -> Told:
        """Raises SourceError; for a key that is missing one that names it."""
        try:
            key = secret(self._bill.key_name, self._environ)
        except ConfigError as error:
            raise SourceRefused(self._source, error.problems[0]) from error
        return _reader(self._bill.source, self._source, key).read(now)


def _reader(kind: str, source: str, key: str) -> Reads:
    # Whoever has no bill to ask for does not load what it takes.
    module, name = READERS[kind]
    reader: Reads = getattr(importlib.import_module(f"agent.bills.{module}"), name)(source, key)
    return reader


def _has_bills(home: Home) -> bool:
    with suppress(StoreError):
        return bool(bills_since(home, 0))
    return False
