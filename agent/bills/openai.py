"""OpenAI: what the organization is charged, by UTC day and line of the bill.

Source: https://platform.openai.com/docs/api-reference/usage/costs (shapes of openai 3.54.0).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agent.net.asking import Asker
from models.costs.bills import FAULTS, Bill, Told, amount_of
from models.messages import say

BASE = "https://api.openai.com"
PROVIDER = "openai"
DAYS = 40
DAY_SECONDS = 86_400
PAGES_MAX = 100
SCOPE = say(
    "it takes an admin key of the organization (sk-admin-...) that may read usage, not a key for "
    "calls"
)


class OpenAiBill:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._base = base

    def read(self, now: float) -> Told:
        """The last forty days, today's as far as it is. Raises SourceError."""
        params: dict[str, str | int] = {
            "start_time": int(now // DAY_SECONDS - DAYS) * DAY_SECONDS,
            "bucket_width": "1d",
            "group_by[]": "line_item",
            "limit": DAYS + 1,
        }
        bills: list[Bill] = []
        for _ in range(PAGES_MAX):
            page = self._asker.json(f"{self._base}/v1/organization/costs", params)
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
    line = str(result.get("line_item") or "all")
    amount = result["amount"]
    return Bill(
        PROVIDER,
        float(bucket["start_time"]),
        float(bucket["end_time"]),
        line[:200],
        # "gpt-5-mini, input_tokens"; lines of other things name no model.
        line.partition(",")[0].strip()[:200] if "," in line else "",
        _quantity(result.get("quantity")),
        str(result.get("quantity_unit") or ""),
        amount_of(str(amount["value"]), str(amount["currency"])),
    )


def _quantity(value: Any) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)
