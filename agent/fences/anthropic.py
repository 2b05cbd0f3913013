"""Anthropic: the monthly spend limit of an organization of the Console.

To set it is an early-access preview. Amounts are texts of whole cents. Source:
https://platform.claude.com/docs/en/api/beta/organization/spend_limits
"""

from typing import Any
from urllib.parse import urlencode

from agent.fences.asking import CENTS_MAX, Admin
from models.messages import say

BASE = "https://api.anthropic.com"
PATH = "/v1/organizations/spend_limits"
PAGE = 100
PAGES_MAX = 20
SCOPE = {"type": "organization"}
EARLY = say(
    "limits of an organization are set by an admin key, and only where Anthropic has opened this "
    "preview: ask your account team for it, set the limit at platform.claude.com/settings/limits "
    'meanwhile, or write anthropic = "off" in [fence]'
)


class AnthropicFence:
    """Not thread-safe."""

    def __init__(self, key: str, base: str = BASE) -> None:
        headers = {
            "x-api-key": key,
            "anthropic-version": "2023-06-01",
            "anthropic-beta": "spend-limit-reads-2026-09-26",
        }
        self._admin = Admin("Anthropic", base, headers, EARLY)

    def read(self) -> int | None:
        """Raises ActionError."""
        found = self._found()
        amount = None if found is None else found.get("amount")
        if found is None or amount is None:
            return None
        if found.get("currency") != "USD":
            raise self._admin.garbled(f"in {str(found.get('currency'))[:10]}")
        text = amount if isinstance(amount, str) else ""
        if not (text.isascii() and text.isdigit() and len(text) < 12) or int(text) > CENTS_MAX:
            raise self._admin.garbled(f"{str(amount)[:40]} as its amount")
        return int(text)

    def write(self, cents: int | None) -> None:
        """Raises ActionError."""
        if cents is None:
            self._delete()
            return
        shape = {"amount": str(cents), "scope": SCOPE, "period": "monthly"}
        reply = self._admin.send("POST", PATH, shape)
        if reply.status == 404:
            raise self._admin.not_offered(reply)
        if reply.status not in (200, 201):
            raise self._admin.refusal(reply)

    def _delete(self) -> None:
        found = self._found()
        if found is None:
            return
        limit_id = str(found.get("id"))
        if not limit_id.replace("_", "").isalnum():
            raise self._admin.garbled("no id")
        reply = self._admin.send("DELETE", f"{PATH}/{limit_id}")
        # Gone meanwhile is gone.
        if reply.status not in (200, 204, 404):
            raise self._admin.refusal(reply)

    def _found(self) -> dict[str, Any] | None:
        """That of the organization by month: workspaces have their own, and a tier has one that
        nobody sets.
        """
        cursor = ""
        for _ in range(PAGES_MAX):
            query = {"limit": PAGE, "page": cursor} if cursor else {"limit": PAGE}
            reply = self._admin.send("GET", f"{PATH}?{urlencode(query)}")
            if reply.status == 404:
                raise self._admin.not_offered(reply)
            if reply.status != 200:
                raise self._admin.refusal(reply)
            told = reply.json()
            data = told.get("data")
            if not isinstance(data, list):
                raise self._admin.garbled("no list")
            for each in data:
                if isinstance(each, dict) and _is_of_all(each):
                    return each
            cursor = str(told.get("next_page") or "")
            if not cursor:
                return None
        raise self._admin.garbled(f"more than {PAGES_MAX} pages")


def _is_of_all(limit: dict[str, Any]) -> bool:
    scope = limit.get("scope")
    kind = scope.get("type") if isinstance(scope, dict) else None
    return kind == "organization" and limit.get("period") == "monthly"
