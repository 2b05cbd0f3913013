"""Vast.ai: charges of instances, by UTC day. Payments are no charges and are left out.

Source: https://docs.vast.ai/api (invoices); amounts are texts of dollars.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agent.net.asking import Asker
from models.costs.bills import FAULTS, Bill, NoBill, Told, amount_of, merged
from models.messages import say

BASE = "https://console.vast.ai"
PROVIDER = "vast"
DAYS = 40
DAY_SECONDS = 86_400
SCOPE = say("it takes an API key that may read billing")


class VastBill:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._base = base

    def read(self, now: float) -> Told:
        """The last forty days, today's as far as it is. Raises SourceError."""
        records = self._asker.json(f"{self._base}/api/v0/invoices")
        try:
            if not isinstance(records, list):
                raise NoBill("no list")
            charges = [record for record in records if record["type"] == "charge"]
            since = now - DAYS * DAY_SECONDS
            return Told(merged(b for b in map(_bill, charges) if b.period_start >= since))
        except FAULTS as error:
            raise self._asker.garbled(str(error)[:100]) from error


def _bill(record: Mapping[str, Any]) -> Bill:
    since = float(int(record["timestamp"]) // DAY_SECONDS * DAY_SECONDS)
    kind = str(record.get("description") or "").partition(":")[0]
    quantity = amount_of(str(record.get("quantity") or "0"), "USD").amount
    return Bill(
        PROVIDER,
        since,
        since + DAY_SECONDS,
        # Before the colon stands which instance and what of it, after it how it is counted.
        kind[:200] or f"instance {record.get('instance_id')}",
        "",
        Decimal(quantity),
        "",
        amount_of(str(record["amount"]), "USD"),
    )
