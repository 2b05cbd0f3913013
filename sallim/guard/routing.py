"""OpenRouter sells a model by several sellers, and chooses: the most that its choice can cost.

Which sellers there are, what they take, and which is chosen is not in a body, whatever its
`provider` says of an order; only `provider.max_price` bounds it (openrouter.ai/docs, provider
routing: dollars for a million tokens of prompt and completion, and for a request).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from sallim.guard.reading import Call
from sallim.guard.refusing import UNBOUNDED, UNPRICED_TOOL, Refusal
from sallim.prices import Bounds, Rates
from sallim.prices.finding import OWNER

ROUTER = "openrouter"
SOLD_ALIKE = ("openai/", "anthropic/", "google/gemini", "x-ai/")
OPEN_WEIGHTS = ("openai/gpt-oss",)
"""Anybody may sell those."""
CLOUDS = 10
"""How much dearer in percent the makers above are at regional addresses of clouds."""
NANO_USD_TOKEN = 1_000
"""One dollar for a million tokens."""
NANO_USD = 1_000_000_000
DOLLARS_MAX = 1_000_000


def dearest(call: Call, bounds: Bounds, rates: Rates, nano_usd: int) -> int | Refusal:
    """Nano-USD that no choice exceeds; `nano_usd` is what the list says."""
    if call.provider != ROUTER or rates.source == OWNER:
        return nano_usd
    model = call.model.lower()
    if model.startswith((f"{ROUTER}/", "~", "@")) or "@preset" in model:
        return _refusal(f"which model {call.model} stands for is chosen by OpenRouter.")
    if model.endswith(":online"):
        return Refusal(
            UNPRICED_TOOL,
            f"{call.model} searches the web, which has no price that is known.",
            "Leave :online out.",
        )
    most = _most(call, bounds)
    if most is not None:
        return max(nano_usd, most)
    if model.startswith(SOLD_ALIKE) and not model.startswith(OPEN_WEIGHTS):
        return -(-nano_usd * (100 + CLOUDS) // 100)
    return _refusal(
        f"{call.model} has several sellers at OpenRouter; what the dearest takes is not known."
    )


def _refusal(what: str) -> Refusal:
    return Refusal(
        UNBOUNDED,
        what,
        'Bound it in the call by {"provider": {"max_price": {"prompt": 1, "completion": 3}}}, in '
        "dollars for a million tokens, where it names a model; or enter what the dearest takes "
        f'as a [[price]] of sallim.toml with provider = "{ROUTER}" and the model\'s name.',
        f"provider:{ROUTER}",
    )


def _most(call: Call, bounds: Bounds) -> int | None:
    """By `max_price`; None where it does not bound all that is sent and made."""
    wanted = call.body.get("provider")
    told = wanted.get("max_price") if isinstance(wanted, dict) else None
    if not isinstance(told, dict) or bounds.audio_input or bounds.tool_calls:
        return None
    prompt, completion = (_dollars(told.get(name)) for name in ("prompt", "completion"))
    if prompt is None or completion is None:
        return None
    if told.get("request") is not None and _dollars(told["request"]) is None:
        return None
    sent = (bounds.input + bounds.media_input) * prompt * NANO_USD_TOKEN
    made = bounds.output * completion * NANO_USD_TOKEN
    once = (_dollars(told.get("request")) or 0) * NANO_USD
    return int(sent + made + once) + 1


def _dollars(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= DOLLARS_MAX else None
