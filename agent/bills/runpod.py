"""RunPod: what each pod cost on each UTC day.

Source: https://docs.runpod.io/api-reference/billing (v1, pods by day).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from agent.net.asking import Asker
from models.costs.bills import FAULTS, Bill, NoBill, Told, amount_of, merged
from models.messages import say

BASE = "https://rest.runpod.io"
PROVIDER = "runpod"
DAYS = 40
DAY_SECONDS = 86_400
SCOPE = say("it takes an API key that may read billing")


class RunPodBill:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._base = base

    def read(self, now: float) -> Told:
        """The last forty days, today's as far as it is. Raises SourceError."""
        since = datetime.fromtimestamp((now // DAY_SECONDS - DAYS) * DAY_SECONDS, UTC)
        params = {
            "bucketSize": "day",
            "grouping": "podId",
            "startTime": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        records = self._asker.json(f"{self._base}/v1/billing/pods", params)
        try:
            if not isinstance(records, list):
                raise NoBill("no list")
            return Told(merged(_bill(record) for record in records))
        except FAULTS as error:
            raise self._asker.garbled(str(error)[:100]) from error


def _bill(record: Mapping[str, Any]) -> Bill:
    told = datetime.fromisoformat(record["time"])
    at = told if told.tzinfo else told.replace(tzinfo=UTC)
    since = at.timestamp() // DAY_SECONDS * DAY_SECONDS
    billed_ms = record.get("timeBilledMs")
    return Bill(
        PROVIDER,
        since,
        since + DAY_SECONDS,
        f"pod {record.get('podId') or 'unknown'}"[:200],
        "",
        Decimal(billed_ms) / 3_600_000 if isinstance(billed_ms, int) else Decimal(0),
        "hours",
        amount_of(str(record["amount"]), "USD"),
    )
