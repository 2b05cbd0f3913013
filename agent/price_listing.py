"""Prices of servers in the settings beside the price list of who rents them out."""

from collections.abc import Sequence
from typing import Protocol

from models.costs.price_list import PriceList, Wanted, differences
from models.messages import Message
from models.monitoring import Harvest, Reading


class Lists(Protocol):
    """A provider's interface."""

    def prices(self) -> PriceList:
        """Raises SourceError and takes nothing over when it makes no sense."""


class PriceCollector:
    """Once a day: prices change a few times a year, and are announced before."""

    def __init__(self, name: str, lists: Lists, wanted: Sequence[Wanted]) -> None:
        self.name = name
        self._lists = lists
        self._wanted = wanted
        self.findings: Sequence[Message] = ()

    def collect(self, _monotonic_seconds: float) -> Harvest:
        """Raises SourceError; what was found before stays then."""
        listed = self._lists.prices()
        self.findings = list(differences(self._wanted, listed))
        prices = [
            Reading(
                "price.listed",
                float(price.hour if item.unit == "hour" else price.month),
                (("currency", listed.currency), ("name", item.name)),
            )
            for item in self._wanted
            if (price := listed.servers.get((item.server_type, item.location))) is not None
        ]
        return Harvest([Reading("price.differences", float(len(self.findings))), *prices])
