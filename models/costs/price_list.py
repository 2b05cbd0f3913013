"""What a provider of servers asks for them, beside what the owner has typed in. Net prices.

Hetzner has no interface for what it charges, so a price in the settings is all there is; it goes
stale without anybody noticing, unless it is compared with the list.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from models.costs.charges import Price, price_of
from models.messages import Message, say
from models.settings import Settings

HETZNER = "hetzner"
ROUNDING = Decimal("0.01")
"""A part of the price: less than this is how somebody rounds it."""
NAMES_MAX = 8


class ListPrice(NamedTuple):
    """Net, of one server type in one place."""

    hour: Decimal
    month: Decimal


class PriceList(NamedTuple):
    """`servers` by type and location; `addresses` is what an IPv4 address costs, by location.

    `vat_rate` is in percent, as the provider would add it.
    """

    currency: str
    vat_rate: Decimal
    servers: Mapping[tuple[str, str], ListPrice]
    addresses: Mapping[str, ListPrice]


class Wanted(NamedTuple):
    """A server of the settings, and the price that was typed for an hour or a month."""

    name: str
    server_type: str
    location: str
    typed: Price
    unit: str


def wanted_of(settings: Settings) -> list[Wanted]:
    """Items that name the provider and a server type."""
    months = [
        Wanted(each.name, each.server_type, each.location, price_of(each.month_price), "month")
        for each in settings.fixed
        if each.provider == HETZNER and each.server_type
    ]
    hours = [
        Wanted(each.name, each.server_type, each.location, price_of(each.hour_price), "hour")
        for each in settings.rented
        if each.provider == HETZNER and each.server_type
    ]
    return months + hours


def differences(wanted: Sequence[Wanted], listed: PriceList) -> Iterator[Message]:
    """A sentence for each item whose price is not that of the list."""
    for item in wanted:
        price = listed.servers.get((item.server_type, item.location))
        if price is None:
            yield _unknown(item, listed)
        elif item.typed.currency != listed.currency:
            yield _other_currency(item, price, listed.currency)
        elif not _is_meant(item, price, listed.addresses.get(item.location)):
            yield _differs(item, price, listed)


def _is_meant(item: Wanted, price: ListPrice, address: ListPrice | None) -> bool:
    """With an IPv4 address or without."""
    alone = _of_unit(price, item.unit)
    more = Decimal(0) if address is None else _of_unit(address, item.unit)
    typed = item.typed.amount
    return any(abs(typed - known) <= known * ROUNDING for known in (alone, alone + more))


def _of_unit(price: ListPrice, unit: str) -> Decimal:
    return price.hour if unit == "hour" else price.month


def _differs(item: Wanted, price: ListPrice, listed: PriceList) -> Message:
    address = listed.addresses.get(item.location)
    alone = _of_unit(price, item.unit)
    more = Decimal(0) if address is None else _of_unit(address, item.unit)
    return say(
        "{name}: the settings say {typed}, and the price list of Hetzner {listed} for {type} in "
        "{location} ({with_address} with an IPv4 address), without VAT; write what you are "
        "charged",
        name=item.name,
        typed=f"{item.typed.amount:f} {item.typed.currency}",
        listed=_text(alone, listed.currency, item.unit),
        with_address=_text(alone + more, listed.currency, item.unit),
        type=item.server_type,
        location=item.location,
    )


def _other_currency(item: Wanted, price: ListPrice, currency: str) -> Message:
    return say(
        "{name}: the settings say {typed}, and Hetzner charges {listed} without VAT; write the "
        "price in its currency, so that it follows the exchange rate",
        name=item.name,
        typed=f"{item.typed.amount:f} {item.typed.currency}",
        listed=_text(_of_unit(price, item.unit), currency, item.unit),
    )


def _unknown(item: Wanted, listed: PriceList) -> Message:
    places = sorted(place for kind, place in listed.servers if kind == item.server_type)
    if places:
        return say(
            "{name}: Hetzner has no {type} in {location}; it has them in {known}",
            name=item.name,
            type=item.server_type,
            location=item.location or "?",
            known=", ".join(places),
        )
    kinds = sorted({kind for kind, _ in listed.servers})
    return say(
        "{name}: Hetzner has no server type {type} any more; it has {known}",
        name=item.name,
        type=item.server_type,
        known=", ".join(kinds[:NAMES_MAX]),
    )


def _text(amount: Decimal, currency: str, unit: str) -> str:
    digits = Decimal("0.0001") if unit == "hour" else Decimal("0.01")
    return f"{amount.quantize(digits):f} {currency}"
