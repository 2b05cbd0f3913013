"""What a call may cost at most before it is sent, and what it did cost afterwards."""

from __future__ import annotations

from typing import NamedTuple

from sallim.guard.bounding import Bounded, Owner, bounds_of, limits
from sallim.guard.reading import Call
from sallim.guard.refusing import UNKNOWN_MODEL, Refusal
from sallim.guard.routing import dearest
from sallim.guard.tariff import Tariff, worst_micro
from sallim.guard.telling import tell_once
from sallim.ledger.money_rows import Exchange
from sallim.money import gross_micro
from sallim.prices import Bounds, Rates, cost_of, lines_to_paste, worst_of
from sallim.usage import Usage

REMEMBERED_MAX = 500
NEEDED = {
    "openai.embeddings": ("input", "request"),
    "openai.audio": ("audio_seconds", "audio_input", "input", "request"),
    "": ("output", "request"),
}
"""Of these meters a model must have a price; what has none would be free."""
SHOWN_THINKING = ("deepseek", "groq", "mistral", "local")
"""Providers that stream what a model thinks, so that the bytes received bound it."""
NO_THINKING = (
    "gpt-3",
    "gpt-4",
    "chatgpt-4o",
    "ft:gpt-3",
    "ft:gpt-4",
    "davinci",
    "babbage",
    "llama",
)


class Priced(NamedTuple):
    """A call with its worst case; `worst_micro` is in micro-won, gross."""

    call: Call
    rates: Rates
    bounded: Bounded
    exchange: Exchange
    worst_nano_usd: int
    worst_micro: int
    at_us: int
    listed_nano_usd: int
    """The same by the list alone, where who answers may take more."""

    def whole(self, usage: Usage) -> Usage:
        """With the search that an answer of OpenAI's chat does not count among what it used."""
        known = {name for name, _ in usage.tool_calls}
        untold = [each for each in self.bounded.bounds.tool_calls if each[0] not in known]
        if self.call.flavour != "openai.chat" or not untold:
            return usage
        return usage._replace(tool_calls=(*usage.tool_calls, *untold))

    def cost(self, usage: Usage) -> int:
        """Nano-USD; what the provider itself says comes before the list."""
        if usage.cost_nano_usd is not None:
            return usage.cost_nano_usd
        return cost_of(usage, self.rates, self.at_us, self.bounded.context)

    def estimate(self, received: int, told: Usage | None) -> int:
        """Nano-USD of a stream that was cut after so many bytes.

        All that was sent, and as many tokens as bytes were received; thoughts that no byte shows
        count as all that was reserved for the answer.
        """
        bounds = self.bounded.bounds
        output = received
        if _thinks_unseen(self.call):
            known = self.call.flavour == "gemini" and told is not None
            output = received + told.reasoning if known and told is not None else bounds.output
        partial = Bounds(
            bounds.input,
            min(output, bounds.output),
            bounds.audio_input,
            bounds.media_input,
            bounds.tool_calls,
        )
        nano = worst_of(partial, self.rates, self.bounded.context, self.at_us)
        if self.listed_nano_usd:
            nano = -(-nano * self.worst_nano_usd // self.listed_nano_usd)
        return min(nano, self.worst_nano_usd)

    def gross(self, nano_usd: int) -> int:
        return gross_micro(nano_usd, self.exchange)


def priced(call: Call, tariff: Tariff, owner: Owner, at_us: int) -> Priced | Refusal:
    """Of several models that may answer (OpenRouter's `models`), the dearest."""
    worst: Priced | None = None
    for name in _names(call):
        each = call if name == call.model else call._replace(model=name)
        known = _known(tariff, each)
        if known is None:
            return unknown_model(call.provider, name)
        rates, most = known
        bounded = bounds_of(each, rates, owner, most)
        if isinstance(bounded, Refusal):
            return bounded
        listed = worst_of(bounded.bounds, rates, bounded.context, at_us)
        nano = dearest(each, bounded.bounds, rates, listed)
        if isinstance(nano, Refusal):
            return nano
        if worst is None or nano > worst.worst_nano_usd:
            exchange = tariff.exchange(call.provider)
            micro = worst_micro(nano, exchange, at_us)
            worst = Priced(call, rates, bounded, exchange, nano, micro, at_us, listed)
    return worst or unknown_model(call.provider, call.model)


def _known(tariff: Tariff, call: Call) -> tuple[Rates, tuple[int | None, int | None]] | None:
    """Rates, and the most tokens in and out; None where what the call needs has no price."""
    key = (call.provider, call.model, call.flavour, call.endpoint.rpartition(":")[2])
    if key not in tariff.remembered:
        rates = tariff.rates(call.provider, call.model)
        known = None
        if rates is not None and _has_price(call, rates):
            known = (rates, limits(call.provider, call.model, rates))
        if len(tariff.remembered) >= REMEMBERED_MAX:
            tariff.remembered.clear()
        tariff.remembered[key] = known
    found: tuple[Rates, tuple[int | None, int | None]] | None = tariff.remembered[key]
    return found


def _names(call: Call) -> list[str]:
    others = call.body.get("models") if call.provider == "openrouter" else None
    others = others if isinstance(others, list) else []
    return [call.model, *(each for each in others if isinstance(each, str))]


def _has_price(call: Call, rates: Rates) -> bool:
    embeds = "embed" in call.endpoint.rpartition(":")[2].lower()
    needed = NEEDED["openai.embeddings"] if embeds else NEEDED.get(call.flavour, NEEDED[""])
    return any(rates.prices(meter) for meter in needed)


def unknown_model(provider: str, model: str) -> Refusal:
    lines = "\n".join(lines_to_paste(provider, model))
    tell_once(
        f"model {provider} {model}",
        f"{model} of {provider} has no price and is refused; the refusal has the lines to paste.",
    )
    return Refusal(
        UNKNOWN_MODEL,
        f"{model} of {provider} has no price that is known.",
        "`python -m agent prices update --download` brings newer prices; or put this into "
        "sallim.toml where the agent runs, with the provider's prices filled in, and run "
        f"`python -m agent reload`:\n{lines}",
        f"provider:{provider}",
    )


def _thinks_unseen(call: Call) -> bool:
    if call.flavour == "anthropic":
        thinking = call.body.get("thinking")
        return isinstance(thinking, dict) and thinking.get("type") != "disabled"
    if call.provider in SHOWN_THINKING or call.flavour == "openai.audio":
        return False
    return not call.model.rpartition("/")[2].startswith(NO_THINKING)
