"""OpenRouter: what each model cost on each UTC day that is over; the credits that are left; and of
one key for calls, what it used and may use yet.

Source: https://openrouter.ai/docs/api-reference (activity, credits, get-current-key).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from agent.net.asking import Asker
from models.costs.bills import FAULTS, Balance, Bill, Cash, KeyUse, NoBill, Told, amount_of
from models.messages import Message, say

BASE = "https://openrouter.ai"
PROVIDER = "openrouter"
DAY_SECONDS = 86_400
SCOPE = say("it takes a management key, not a key for calls")
CALL_SCOPE = say("`call_key` takes a key for calls (sk-or-v1-...) that is in force")


class OpenRouterBill:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._base = base

    def read(self, _now: float) -> Told:
        """The last thirty days, as far as they are over. Raises SourceError."""
        activity = self._asker.json(f"{self._base}/api/v1/activity")
        try:
            return Told([_bill(item) for item in activity["data"]])
        except FAULTS as error:
            raise self._asker.garbled(str(error)[:100]) from error


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


class OpenRouterCredits:
    """`call_key` "" is not asked about. Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE, call_key: str = "") -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._of_key = Asker(source, {"Authorization": f"Bearer {call_key}"}, CALL_SCOPE)
        self._has_key = bool(call_key)
        self._base = base

    def read(self, _now: float) -> Told:
        """No bill: cash alone. Raises SourceError."""
        told = self._asker.json(f"{self._base}/api/v1/credits")
        try:
            bought, used = (_usd(told["data"][name]) for name in ("total_credits", "total_usage"))
        except FAULTS as error:
            raise self._asker.garbled(str(error)[:100]) from error
        key = self._key() if self._has_key else None
        cash = (Cash(PROVIDER, Balance(bought - used, "USD")),)
        return Told([], cash, key, () if key is None else _notes(key))

    def _key(self) -> KeyUse:
        told = self._of_key.json(f"{self._base}/api/v1/key")
        try:
            data = told["data"]
            left = data["limit_remaining"]
            spans = (_usd(data[f"usage_{span}"]) for span in ("daily", "weekly", "monthly"))
            return KeyUse(None if left is None else _usd(left), *spans)
        except FAULTS as error:
            raise self._of_key.garbled(str(error)[:100]) from error


def _usd(value: Any) -> Decimal:
    return amount_of(str(value), "USD").amount


def _notes(key: KeyUse) -> tuple[Message, ...]:
    if key.left is None or key.left > 0:
        return ()
    return (
        say(
            "the key's own limit at OpenRouter is used up, so calls with it are refused there; "
            "raise it at openrouter.ai/settings/keys, or wait for its reset"
        ),
    )
