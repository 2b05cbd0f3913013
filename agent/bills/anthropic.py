"""Anthropic: what the organization is charged, by UTC day and description. Amounts are cents.

Source: https://docs.claude.com/en/api/admin-api/usage-cost/get-cost-report
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from agent.net.asking import Asker
from models.costs.bills import FAULTS, Bill, NoBill, Told, amount_of
from models.costs.charges import Price
from models.messages import say

BASE = "https://api.anthropic.com"
PROVIDER = "anthropic"
DAYS = 40
DAY_SECONDS = 86_400
PAGE_DAYS = 31
PAGES_MAX = 100
CENTS = Decimal(100)
SCOPE = say(
    "it takes an admin key, which only organizations have; an account of one person types its "
    "bill in with `costs bill`"
)


class AnthropicBill:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
        self._asker = Asker(source, headers, SCOPE)
        self._base = base

    def read(self, now: float) -> Told:
        """The last forty days, today's as far as it is. Raises SourceError."""
        since = datetime.fromtimestamp((now // DAY_SECONDS - DAYS) * DAY_SECONDS, UTC)
        params: dict[str, str | int] = {
            "starting_at": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "bucket_width": "1d",
            "group_by[]": "description",
            "limit": PAGE_DAYS,
        }
        bills: list[Bill] = []
        for _ in range(PAGES_MAX):
            page = self._asker.json(f"{self._base}/v1/organizations/cost_report", params)
            try:
                for bucket in page["data"]:
                    bills += [_bill(bucket, result) for result in bucket["results"]]
                if not page["has_more"]:
                    return Told(bills)
                params = {**params, "page": str(page["next_page"])}
            except FAULTS as error:
                raise self._asker.garbled(str(error)[:100]) from error
        raise self._asker.garbled(f"more than {PAGES_MAX} pages")


def _bill(bucket: Mapping[str, Any], result: Mapping[str, Any]) -> Bill:
    if not isinstance(result["amount"], str):
        raise NoBill(f"an amount that is no text: {result['amount']!r}")
    cents = amount_of(result["amount"], str(result["currency"]))
    parts = [result.get(name) for name in ("description", "token_type", "service_tier")]
    return Bill(
        PROVIDER,
        datetime.fromisoformat(bucket["starting_at"]).timestamp(),
        datetime.fromisoformat(bucket["ending_at"]).timestamp(),
        ", ".join(str(part) for part in parts if part)[:200] or str(result.get("cost_type")),
        str(result.get("model") or "")[:200],
        Decimal(0),
        "",
        Price(cents.amount / CENTS, cents.currency),
    )
