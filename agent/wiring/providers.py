"""Which file speaks to which provider, and with which key: looked for at each question.

So a key that is put there later is found, and whoever does not ask loads nothing for it.
"""

import importlib
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from agent.billing import Reads
from agent.price_listing import Lists
from agent.usage_watching import Counting
from data.credentials import secret
from models.costs.bills import Told
from models.costs.minutes import Minute
from models.costs.price_list import PriceList
from models.errors import ConfigError, SourceRefused
from models.settings.bill import Bill

BILLS = {
    "openai": ("openai", "OpenAiBill"),
    "anthropic": ("anthropic", "AnthropicBill"),
    "openrouter": ("openrouter", "OpenRouterBill"),
    "runpod": ("runpod", "RunPodBill"),
    "vast": ("vast", "VastBill"),
}
CASH = {
    "openrouter": ("openrouter", "OpenRouterCredits"),
    "deepseek": ("deepseek", "DeepSeekBalance"),
}
USAGE = {
    "openai": ("openai", "OpenAiUsage"),
    "anthropic": ("anthropic", "AnthropicUsage"),
}
PRICES = {"hetzner": ("hetzner", "HetznerPrices")}


def bill_of(bill: Bill, source: str, environ: Mapping[str, str], zone: ZoneInfo) -> Reads | None:
    """Lines of a bill; None where it has none. `source` is whom errors name."""
    if bill.source == "export":
        from agent.bills.export import ExportBill

        return ExportBill(source, bill.path, zone)
    return _Keyed(bill, source, environ, BILLS) if bill.source in BILLS else None


def cash_of(bill: Bill, source: str, environ: Mapping[str, str]) -> Reads | None:
    """What is left of money paid ahead; None where it cannot be asked for."""
    return _Keyed(bill, source, environ, CASH) if bill.source in CASH else None


def usage_of(bill: Bill, source: str, environ: Mapping[str, str]) -> Counting | None:
    """What is used by the minute; None where nobody counts it."""
    return _Counting(bill, source, environ, USAGE) if bill.source in USAGE else None


def prices_of(bill: Bill, source: str, environ: Mapping[str, str]) -> Lists | None:
    """A price list; None where there is none."""
    return _Listing(bill, source, environ, PRICES) if bill.source in PRICES else None


class _Key:
    def __init__(
        self,
        bill: Bill,
        source: str,
        environ: Mapping[str, str],
        files: Mapping[str, tuple[str, str]],
    ) -> None:
        self._bill = bill
        self._source = source
        self._environ = environ
        self._module, self._class = files[bill.source]

    def _made(self) -> Any:
        """Raises SourceRefused for a key that is missing, which names it."""
        try:
            key = secret(self._bill.key_name, self._environ)
            name = self._bill.call_key
            more = {"call_key": secret(name, self._environ)} if self._asks_key(name) else {}
        except ConfigError as error:
            raise SourceRefused(self._source, error.problems[0]) from error
        module = importlib.import_module(f"agent.bills.{self._module}")
        return getattr(module, self._class)(self._source, key, **more)

    def _asks_key(self, name: str) -> bool:
        return bool(name) and self._class == "OpenRouterCredits"


class _Keyed(_Key):
    def read(self, now: float) -> Told:
        """Raises SourceError."""
        told: Told = self._made().read(now)
        return told


class _Counting(_Key):
    @property
    def provider(self) -> str:
        return self._bill.source

    def read(self, since: float, until: float, *, with_tools: bool) -> list[Minute]:
        """Raises SourceError."""
        minutes: list[Minute] = self._made().read(since, until, with_tools=with_tools)
        return minutes


class _Listing(_Key):
    def prices(self) -> PriceList:
        """Raises SourceError."""
        prices: PriceList = self._made().prices()
        return prices
