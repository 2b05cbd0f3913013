"""What a call did cost, in whole nano-USD, rounded up."""

from __future__ import annotations

from collections.abc import Mapping

from sallim.prices.meters import PARENT, PARTS, SCALE, weight
from sallim.prices.rates import Rates
from sallim.usage.counting import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sallim.prices.rates import Rate

PPM = 1_000_000


def cost_of(
    usage: Usage, rates: Rates, at_us: int, context: Mapping[str, str] | None = None
) -> int:
    """Nano-USD of a call that was sent at `at_us` (UTC epoch microseconds), by the rates alone.

    `context` is what the caller asked for, as {"processing": "batch"} or {"service_tier": "flex"};
    the tier that answered counts before it. What the provider itself says that the call cost
    stands in `usage.cost_nano_usd` and is not looked at. A meter without a price is free, so ask
    `rates.prices(name)` before a tool is let through.
    """
    found = rates.book.at(at_us, context_of(usage, context))
    prompt = usage.prompt
    total = sum(
        number * price(meter, found, prompt) * weight(meter)
        for meter, number in _counts(usage, rates.minimum)
    )
    return discounted(total, rates.discount_ppm)


def context_of(usage: Usage, context: Mapping[str, str] | None) -> Mapping[str, str]:
    """What was asked for, with the tier that answered in its place.

    Anthropic calls its batches a tier and its fast mode a speed.
    """
    tier = usage.service_tier
    if not tier:
        return context or {}
    if tier == "batch":
        return {**(context or {}), "processing": "batch"}
    return {**(context or {}), "service_tier": tier, "speed": tier}


def _counts(usage: Usage, minimum: Mapping[str, int]) -> list[tuple[str, int]]:
    counts = {
        "input": usage.input,
        "cache_read": usage.cache_read,
        "cache_write_5m": usage.cache_write_5m,
        "cache_write_1h": usage.cache_write_1h,
        "audio_input": usage.audio_input,
        "image_input": usage.media_input,
        "output": usage.output,
        "reasoning": usage.reasoning,
    }
    for name, number in usage.tool_calls:
        if not number:
            continue
        whole = PARTS.get(name)
        inside = min(number, counts[whole]) if whole else max(number, minimum.get(name, 0))
        if whole:
            counts[whole] -= inside
        counts[name] = counts.get(name, 0) + inside
    # A price of the call itself, whatever it uses.
    counts["request"] = 1
    return [(meter, number) for meter, number in counts.items() if number]


def price(meter: str, found: Mapping[str, Rate], prompt: int) -> int:
    """The rate of a meter for a prompt of that many tokens; 0 where it has no price."""
    while meter not in found:
        if meter.startswith("cache_read_") and "cache_read" not in found:
            # Cached sound is still sound, where what is cached has no price of its own.
            meter = {"cache_read_audio": "audio_input"}.get(meter, "image_input")
        elif meter in PARENT:
            meter = PARENT[meter]
        else:
            return 0
    rate = found[meter]
    if isinstance(rate, int):
        return rate
    return int(next((each for start, each in reversed(rate[1:]) if prompt > start), rate[0]))


def discounted(total: int, discount_ppm: int) -> int:
    return -(-total * (PPM - discount_ppm) // (SCALE * PPM))
