"""OpenAI: the hard spend limit of the organization, by month.

What is over it is answered with 429 `organization_spend_limit_exceeded`, some minutes late. Source:
https://developers.openai.com/api/docs/guides/spend-limits (shapes of openai 3.54.0).
"""

from agent.fences.asking import CENTS_MAX, Admin
from models.messages import say

BASE = "https://api.openai.com"
PATH = "/v1/organization/spend_limit"
EARLY = say(
    "it takes an admin key of the organization (sk-admin-...) whose owner may change its limits; "
    "make one at platform.openai.com/settings/organization/admin-keys, or write openai = "
    '"off" in [fence]'
)


class OpenAiFence:
    """Not thread-safe."""

    def __init__(self, key: str, base: str = BASE) -> None:
        self._admin = Admin("OpenAI", base, {"Authorization": f"Bearer {key}"}, EARLY)

    def read(self) -> int | None:
        """Raises ActionError."""
        reply = self._admin.send("GET", PATH)
        # Where none is set, there is nothing to be found.
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise self._admin.refusal(reply)
        told = reply.json()
        cents, currency = told.get("threshold_amount"), told.get("currency")
        if isinstance(cents, bool) or not isinstance(cents, int) or not 0 <= cents <= CENTS_MAX:
            raise self._admin.garbled(f"{str(cents)[:40]} as its amount")
        if (currency, told.get("interval")) != ("USD", "month"):
            raise self._admin.garbled(f"{str(currency)[:10]} by {str(told.get('interval'))[:10]}")
        return cents or None

    def write(self, cents: int | None) -> None:
        """Raises ActionError."""
        if cents is None:
            reply = self._admin.send("DELETE", PATH)
            if reply.status not in (200, 204, 404):
                raise self._admin.refusal(reply)
            return
        shape = {"currency": "USD", "interval": "month", "threshold_amount": cents}
        reply = self._admin.send("POST", PATH, shape)
        if reply.status == 404:
            raise self._admin.not_offered(reply)
        if reply.status != 200:
            raise self._admin.refusal(reply)
