"""DeepSeek: what is left on the account, in each of its currencies. It has no interface for a bill.

Source: https://api-docs.deepseek.com/api/get-user-balance; amounts are texts, often of CNY.
"""

from typing import Any

from agent.net.asking import Asker
from models.costs.bills import FAULTS, Cash, NoBill, Told, balance_of
from models.messages import say

BASE = "https://api.deepseek.com"
PROVIDER = "deepseek"
SCOPE = say("it takes an API key of the account, the one for calls will do")


class DeepSeekBalance:
    """Not thread-safe."""

    def __init__(self, source: str, key: str, base: str = BASE) -> None:
        self._asker = Asker(source, {"Authorization": f"Bearer {key}"}, SCOPE)
        self._base = base

    def read(self, _now: float) -> Told:
        """No bill: cash alone. Raises SourceError."""
        told = self._asker.json(f"{self._base}/user/balance")
        try:
            cash = tuple(_cash(info) for info in told["balance_infos"])
            is_available = told["is_available"]
            if len({each.price.currency for each in cash}) < len(cash):
                raise NoBill("a currency stands there twice")
        except FAULTS as error:
            raise self._asker.garbled(str(error)[:100]) from error
        if is_available is not False:
            return Told([], cash)
        note = say(
            "DeepSeek says that its balance does not suffice for calls; top it up at "
            "platform.deepseek.com"
        )
        return Told([], cash, notes=(note,))


def _cash(info: dict[str, Any]) -> Cash:
    amount = info["total_balance"]
    if not isinstance(amount, str):
        raise NoBill(f"an amount that is no text: {amount!r}")
    return Cash(PROVIDER, balance_of(amount, str(info["currency"])))
