"""The owner's own prices, discounts and VAT, laid over what the lists say."""

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from models.price_compiling import nano_rate, rate_row
from models.settings.exchange import Exchange as Surcharges
from models.settings.exchange import ppm_of
from models.settings.price import Price
from sallim.ledger.money_rows import Exchange, RateRow
from sallim.prices.finding import OWNER, PriceList
from sallim.prices.rates import VERSION

METERS = {
    "input_mtok_usd": ("input", 1_000_000),
    "cache_read_mtok_usd": ("cache_read", 1_000_000),
    "cache_write_mtok_usd": ("cache_write", 1_000_000),
    "output_mtok_usd": ("output", 1_000_000),
    "audio_input_mtok_usd": ("audio_input", 1_000_000),
    "audio_hour_usd": ("audio_seconds", 3_600),
    "web_search_usd": ("web_search", 1),
    "request_usd": ("request", 1),
}
"""By the key of [[price]]: the meter, and how many of it the price is for."""

CHANGED = ("discount_ppm", "limits")
BEFORE = "before_owner"
"""Where a document keeps what the owner's changes stand in the place of."""


def with_owner(rows: Sequence[RateRow], prices: Sequence[Price], updated_us: int) -> list[RateRow]:
    """All rows, with what the owner says laid over them.

    An entry with a price of its own stands before every other row that fits the name; one without
    changes the discount and the limits of the rows that are known.
    """
    known = {(row.provider, row.model): row for row in rows}
    for price in prices:
        if price.model and not rates_in(price):
            for row in _meant(known.values(), price):
                known[row.provider, row.model] = _changed(row, price, updated_us)
    for rank, price in enumerate(prices):
        rates = rates_in(price)
        if price.model and rates:
            document = {
                "v": VERSION,
                "rank": rank,
                "match": clause_of(price.model),
                "prices": [{"rates": rates}],
                **_changes(price),
            }
            row = rate_row(price.provider, price.model, document, OWNER, updated_us)
            known.setdefault((row.provider, row.model), row)
            if known[row.provider, row.model].source != OWNER:
                known[row.provider, row.model] = row
    return list(known.values())


def without_owner(rows: Sequence[RateRow]) -> list[RateRow]:
    """The rows as they were before `with_owner`, so that what the owner takes back is gone."""
    found = []
    for row in rows:
        if row.source == OWNER:
            continue
        document = json.loads(row.document)
        before = document.pop(BEFORE, None)
        if before is None:
            found.append(row)
            continue
        document = {key: value for key, value in document.items() if key not in CHANGED}
        found.append(
            rate_row(row.provider, row.model, document | before, row.source, row.updated_us)
        )
    return found


def rates_in(price: Price) -> dict[str, int]:
    """Those that are said, also where they are 0."""
    return {
        meter: nano_rate(Decimal(getattr(price, key)), meter, per)
        for key, (meter, per) in METERS.items()
        if getattr(price, key) != ""
    }


def clause_of(pattern: str) -> dict[str, str]:
    r"""For the name of a model in which `*` stands for anything.

    >>> clause_of("gpt5*"), clause_of("GPT-5.1")
    ({'regex': '^gpt5.*$'}, {'equals': 'gpt-5.1'})
    """
    pattern = pattern.lower()
    if "*" not in pattern:
        return {"equals": pattern}
    return {"regex": f"^{'.*'.join(re.escape(part) for part in pattern.split('*'))}$"}


def _meant(rows: Iterable[RateRow], price: Price) -> list[RateRow]:
    rows = [row for row in rows if row.provider == price.provider]
    if "*" in price.model:
        pattern = re.compile(clause_of(price.model)["regex"])
        return [row for row in rows if pattern.search(row.model.lower())]
    found = PriceList(rows).find(price.provider, price.model)
    return [row for row in rows if found is not None and row.model == found.model]


def _changed(row: RateRow, price: Price, updated_us: int) -> RateRow:
    document = json.loads(row.document)
    before = {key: document[key] for key in CHANGED if key in document}
    document = {**document, BEFORE: document.get(BEFORE, before), **_changes(price)}
    return rate_row(row.provider, row.model, document, row.source, updated_us)


def _changes(price: Price) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if price.discount_percent:
        # Rounded up in millionths, a discount would be a nano too large.
        changes["discount_ppm"] = int(Decimal(repr(price.discount_percent)) * 10_000)
    if price.input_tokens_max or price.output_tokens_max:
        changes["limits"] = [price.input_tokens_max or None, price.output_tokens_max or None]
    return changes


def exchange_rows(rate: Exchange, surcharges: Surcharges) -> list[Exchange]:
    """One row for all, and one for each provider whose VAT is another."""
    return [
        rate._replace(provider=provider, vat_ppm=vat_ppm, fee_ppm=ppm_of(surcharges.card_fee_rate))
        for provider, vat_ppm in surcharges.vat_ppm_by_provider.items()
    ]
