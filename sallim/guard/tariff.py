"""The prices and exchange rates by which a process reserves and settles, and its salt."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable, Mapping
from typing import Any

from sallim.ledger.money_rows import PPM, Exchange, RateRow
from sallim.money import gross_micro
from sallim.prices import PriceList, Rates, shipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ANEW_SECONDS = 5.0
"""So often prices are read again where a model has none."""
SALT_BYTES_MAX = 64
"""No hash takes a longer key, whatever somebody wrote into the ledger."""
OLD_US = 7 * 86_400_000_000
OLD_MARGIN_PPM = 20_000
"""What is kept free on top where the exchange rate is older than a week: won fall by less."""


class Tariff:
    """Rows of the ledger; of providers that it has none of, those that come with the package."""

    def __init__(
        self, rows: Iterable[RateRow], exchange: Mapping[str, Exchange], salt: bytes = b""
    ) -> None:
        self.rows = list(rows)
        self.salt = salt[:SALT_BYTES_MAX]
        """What hashes of prompts are keyed with; empty: none are made."""
        known = {row.provider for row in self.rows if row.source != "owner"}
        brought = shipped()
        extra = [row for row in brought.rates if row.provider not in known]
        self._prices = PriceList([*self.rows, *extra])
        self._exchange = exchange
        self._brought = brought.exchange
        self.remembered: dict[Any, Any] = {}
        """What is worked out of it, for as long as it holds."""

    def rates(self, provider: str, model: str) -> Rates | None:
        """None for a model without a price."""
        return self._prices.find(provider, model)

    @property
    def exchange_rows(self) -> list[Exchange]:
        """Those of the ledger, one a provider."""
        return list({row.provider: row for row in self._exchange.values()}.values())

    def exchange(self, provider: str) -> Exchange:
        """Of that provider, else the one for all, else the dated one of the package."""
        return self._exchange.get(provider) or self._exchange.get("") or self._brought


class Kept:
    """What a purse has read, and reads again after so long, or soon where a price is missing."""

    def __init__(self, read: Callable[[], Tariff | None], refresh_seconds: float) -> None:
        self._read, self._refresh_seconds = read, refresh_seconds
        self._read_at = float("-inf")
        self.known: Tariff | None = None

    def now(self, anew: bool) -> Tariff:
        """Never fails: until it could be read once, those that come with the package hold."""
        age = time.monotonic() - self._read_at
        if self.known is None or age > (ANEW_SECONDS if anew else self._refresh_seconds):
            # Two threads may both read it: a lock could be held by nobody after a fork.
            self._read_at = time.monotonic()
            self.known = self._read() or self.known
        return self.known or brought_along()


@functools.lru_cache(maxsize=1)
def brought_along() -> Tariff:
    """What comes with the package alone."""
    return Tariff((), {})


def worst_micro(nano_usd: int, exchange: Exchange, now_us: int) -> int:
    """What is kept free for so much, gross, in micro-won."""
    worst = gross_micro(nano_usd, exchange)
    if 0 < exchange.fetched_us < now_us - OLD_US:
        worst += -(-worst * OLD_MARGIN_PPM // PPM)
    return worst
