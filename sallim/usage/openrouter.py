"""Usage of OpenRouter: the shape of OpenAI's chat, and what the call cost in dollars.

Where the key of the provider behind is the owner's own (`is_byok`), `cost` is OpenRouter's fee
alone, and what the provider takes stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallim.usage.counting import Usage, inner
from sallim.usage.openai import chat, usage_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def router(body: Mapping[str, Any]) -> Usage:
    return chat(body)._replace(cost_nano_usd=_cost(usage_table(body)))


def _cost(shape: Mapping[str, Any]) -> int | None:
    """None where it is missing or no amount: then the prices say it."""
    from sallim.money import nano_usd_of

    own = shape.get("cost")
    behind = inner(shape, "cost_details").get("upstream_inference_cost")
    try:
        nano = -1 if own is None else nano_usd_of(own)
        if nano >= 0 and shape.get("is_byok") is True and behind is not None:
            nano += max(0, nano_usd_of(behind))
    except ValueError:
        return None
    return nano if nano >= 0 else None
