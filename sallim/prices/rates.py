"""The rates of one model, out of a JSON document that holds whole numbers only.

    {"v": 1,
     "prices": [{"rates": {"input": 1250000000, "output": [10000000000, [200000, 15000000000]]},
                 "valid_from": "2026-09-10", "valid_to": "2026-12-01", "minutes_utc": [60, 240]}],
     "variants": [{"when": {"processing": "batch"}, "rates": {"input": 625000000}}],
     "match": {"starts_with": ["gpt-5"]}, "rank": 3, "minimum": {"audio_seconds": 10},
     "discount_ppm": 100000, "limits": [200000, 64000],
     "also": [{"source": "...", "prices": [{"rates": {"input": 2}}]}]}

A rate is nano-USD for as many as `meters.PER` says; with tiers, the highest one whose start is
below the length of the whole prompt counts for all of it (a cliff). Of `prices` the last one that
is valid at the moment counts, the first where none is; of `variants` the first that fits, meter by
meter. These are the rules of genai-prices 0.2.3 (types.py: ModelInfo.get_prices, calc_unit_price).
`also` are other sources: they are looked at for the worst case, never for what a call did cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    Rate = int | Sequence[Any]
    """A number, or [base, [start, rate], ...]."""

    class Row(Protocol):
        """What is needed of a row of the ledger's rates."""

        @property
        def provider(self) -> str: ...
        @property
        def model(self) -> str: ...
        @property
        def price_id(self) -> str: ...
        @property
        def document(self) -> str: ...
        @property
        def source(self) -> str: ...


VERSION = 1
PPM = 1_000_000
DAY_US, MINUTE_US = 86_400_000_000, 60_000_000
NEVER_US = 2**63 - 1


class Sheet(NamedTuple):
    """Rates and when they hold; moments are UTC epoch microseconds, the end is not in it."""

    rates: Mapping[str, Rate]
    from_us: int
    to_us: int
    minutes: tuple[int, int] | None
    when: Mapping[str, str]

    def holds(self, at_us: int) -> bool:
        if not self.from_us <= at_us < self.to_us:
            return False
        if self.minutes is None:
            return True
        first, end = self.minutes
        minute_us = at_us % DAY_US
        inside = (first * MINUTE_US <= minute_us, minute_us < end * MINUTE_US)
        # One that ends before it begins goes over midnight.
        return any(inside) if end < first else all(inside)

    def fits(self, context: Mapping[str, str]) -> bool:
        return all(context.get(key) == value for key, value in self.when.items())


class Book(NamedTuple):
    """What one source says about a model."""

    prices: tuple[Sheet, ...]
    variants: tuple[Sheet, ...]

    def at(self, at_us: int, context: Mapping[str, str]) -> Mapping[str, Rate]:
        """The rates of a moment, by meter."""
        standard = next((sheet for sheet in reversed(self.prices) if sheet.holds(at_us)), None)
        found: dict[str, Rate] = {}
        for sheet in self.variants if context else ():
            if sheet.fits(context) and sheet.holds(at_us):
                for meter, rate in sheet.rates.items():
                    found.setdefault(meter, rate)
        rates = (standard or self.prices[0]).rates
        return {**rates, **found} if found else rates


class Rates(NamedTuple):
    """What a model of a provider costs, and where that is known from."""

    provider: str
    model: str
    price_id: str
    source: str
    book: Book
    also: tuple[Book, ...] = ()
    minimum: Mapping[str, int] = {}
    discount_ppm: int = 0
    limits: tuple[int | None, int | None] = (None, None)
    """Tokens in and out at most, as the owner says; None: see `tables.limits_of`."""

    remembered: dict[Any, Any] = {}  # noqa: RUF012 each has its own, see `rates_of`
    """What `worst_of` has worked out."""

    @classmethod
    def of(cls, row: Row) -> Rates:
        """Raises ValueError for a document that cannot be read, in whatever way."""
        import json

        try:
            return rates_of(row, json.loads(row.document))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise ValueError(
                f"the price of {row.provider} {row.model} cannot be read: {error!r}"
            ) from error

    def prices(self, meter: str) -> bool:
        """Whether a meter has a price of its own now or at another time, for example a tool."""
        return meter in self.meters

    @property
    def meters(self) -> list[str]:
        sheets = self.book.prices + self.book.variants
        return sorted({meter for sheet in sheets for meter in sheet.rates})


def rates_of(row: Row, document: Mapping[str, Any]) -> Rates:
    """Of a document that is parsed already. Raises whatever is wrong with it."""
    if document["v"] != VERSION:
        raise ValueError(f"version {document['v']} needs a newer package sallim")
    return Rates(
        row.provider,
        row.model,
        row.price_id,
        row.source,
        _book(document),
        tuple(_book(each) for each in document.get("also", ())),
        {meter: _whole(number) for meter, number in document.get("minimum", {}).items()},
        min(_whole(document.get("discount_ppm", 0)), PPM),
        _limits(document.get("limits", (None, None))),
        {},
    )


def _book(shape: Mapping[str, Any]) -> Book:
    prices = tuple(_sheet(each) for each in shape["prices"])
    if not prices:
        raise KeyError("prices")
    return Book(prices, tuple(_sheet(each) for each in shape.get("variants", ())))


def _sheet(shape: Mapping[str, Any]) -> Sheet:
    minutes = shape.get("minutes_utc")
    return Sheet(
        {meter: _rate(rate) for meter, rate in shape["rates"].items()},
        _epoch_us(shape["valid_from"]) if "valid_from" in shape else 0,
        _epoch_us(shape["valid_to"]) if "valid_to" in shape else NEVER_US,
        _pair(minutes) if minutes else None,
        shape.get("when", {}),
    )


def _rate(rate: Any) -> Rate:
    if isinstance(rate, list):
        return [_whole(rate[0]), *sorted([_whole(start), _whole(tier)] for start, tier in rate[1:])]
    return _whole(rate)


def _limits(numbers: Any) -> tuple[int | None, int | None]:
    most_in, most_out = (None if number is None else _whole(number) for number in numbers)
    return most_in, most_out


def _pair(numbers: Any) -> tuple[int, int]:
    return _whole(numbers[0]), _whole(numbers[1])


def _whole(number: Any) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f"{number!r} is no whole number")
    return number


def _epoch_us(day: str) -> int:
    """Midnight UTC of a date like 2026-09-10."""
    from datetime import datetime, timezone

    midnight = datetime.fromisoformat(day).replace(tzinfo=timezone.utc)  # noqa: UP017 Python 3.9
    return int(midnight.timestamp()) * 1_000_000
