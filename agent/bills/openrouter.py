"""OpenRouter: what each model cost on each UTC day that is over, and the credits that are left.

Source: https://openrouter.ai/docs/api-reference (activity, credits).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from agent.net.asking import Asker
from models.costs.bills import FAULTS, Bill, Cash, NoBill, Told, amount_of
from models.costs.charges import Price
from models.messages import say

BASE = "https://openrouter.ai"
PROVIDER = "openrouter"
DAY_SECONDS = 86_400
SCOPE = say("it takes a management key, not a key for calls")


class OpenRouterBill:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._base = base

    def read(self, _now: float) -> Told:
        """The last thirty days, as far as they are over. Raises SourceError."""
        activity = self._asker.json(f"{self._base}/api/v1/activity")
        credits_told = self._asker.json(f"{self._base}/api/v1/credits")
        try:
            bills = [_bill(item) for item in activity["data"]]
            told = credits_told["data"]
            bought = amount_of(str(told["total_credits"]), "USD").amount
            used = amount_of(str(told["total_usage"]), "USD").amount
        except FAULTS as error:
            raise self._asker.garbled(str(error)[:100]) from error
        return Told(bills, Cash(PROVIDER, Price(bought - used, "USD")))


def _bill(item: Mapping[str, Any]) -> Bill:
    since = datetime.fromisoformat(item["date"][:10]).replace(tzinfo=UTC).timestamp()
    requests = item.get("requests")
    if not isinstance(item["model"], str):
        raise NoBill("a model that is no text")
    return Bill(
        PROVIDER,
        since,
        since + DAY_SECONDS,
        f"{item.get('provider_name') or ''} {item.get('endpoint_id') or ''}".strip()[:200],
        item["model"][:200],
        Decimal(requests) if isinstance(requests, int) else Decimal(0),
        "requests",
        amount_of(str(item["usage"]), "USD"),
    )
