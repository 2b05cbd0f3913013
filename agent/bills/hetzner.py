"""Hetzner: its price list. There is no interface for what it charges.

Source: https://docs.hetzner.cloud (GET /v1/pricing); amounts are texts, net and gross, in the
currency of the account. A server that is stopped is charged until it is deleted.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agent.net.asking import Asker
from models.costs.bills import FAULTS, NoBill, amount_of, balance_of
from models.costs.price_list import ListPrice, PriceList
from models.messages import say

BASE = "https://api.hetzner.cloud"
SCOPE = say("it takes an API token of a project; one that may only read will do")
SERVERS_MAX = 10_000


class HetznerPrices:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._base = base

    def prices(self) -> PriceList:
        """The whole list. Raises SourceError, and takes nothing over then."""
        told = self._asker.json(f"{self._base}/v1/pricing")
        try:
            pricing = told["pricing"]
            balance = balance_of("0", str(pricing["currency"]))
            servers = {
                (str(kind["name"]), str(price["location"])): _price(price)
                for kind in pricing["server_types"]
                for price in kind["prices"]
            }
            if not 0 < len(servers) <= SERVERS_MAX:
                raise NoBill(f"{len(servers)} server types")
            addresses = {
                str(price["location"]): _price(price)
                for kind in pricing.get("primary_ips") or ()
                if kind["type"] == "ipv4"
                for price in kind["prices"]
            }
            return PriceList(balance.currency, _percent(pricing["vat_rate"]), servers, addresses)
        except FAULTS as error:
            raise self._asker.garbled(str(error)[:100]) from error


def _price(told: Mapping[str, Any]) -> ListPrice:
    return ListPrice(_net(told["price_hourly"]), _net(told["price_monthly"]))


def _net(told: Mapping[str, Any]) -> Decimal:
    """Both are looked at: a net price above the gross one is none."""
    net, gross = (_amount(told[name]) for name in ("net", "gross"))
    if not 0 <= net <= gross:
        raise NoBill(f"a net price of {net} and a gross one of {gross}")
    return net


def _percent(text: Any) -> Decimal:
    rate = _amount(text)
    if not 0 <= rate <= 100:
        raise NoBill(f"a VAT rate of {rate} percent")
    return rate


def _amount(text: Any) -> Decimal:
    if not isinstance(text, str):
        raise NoBill(f"an amount that is no text: {text!r}"[:60])
    return amount_of(text, "EUR").amount
