"""What a call did cost, and the most that one can cost, in whole nano-USD, rounded up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sallim.prices.meters import AUDIO, MADE, MEDIA, PARENT, PARTS, SCALE, TEXT, weight
from sallim.prices.rates import Book, Rates, Sheet
from sallim.usage.counting import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sallim.prices.rates import Rate

PPM = 1_000_000
ANY_TIER = ("", "auto")
"""A provider may answer at another tier than the standard one when none is asked for."""
SLACK_US = 86_400_000_000
"""A price that begins within a day may hold before the call is over."""


class Bounds(NamedTuple):
    """The most that a call can use.

    `input` bounds the tokens of text that are sent, cached or not; sound and media, cached or not,
    are beside it.
    `output` bounds everything that is made, thoughts included. `tool_calls` are pairs of a name
    and the highest count, as in Usage.
    """

    input: int
    output: int
    audio_input: int = 0
    media_input: int = 0
    tool_calls: tuple[tuple[str, int], ...] = ()


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
    return _discounted(total, rates.discount_ppm)


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


def _discounted(total: int, discount_ppm: int) -> int:
    return -(-total * (PPM - discount_ppm) // (SCALE * PPM))


def worst_of(
    bounds: Bounds,
    rates: Rates,
    context: Mapping[str, str] | None = None,
    at_us: int | None = None,
) -> int:
    """Nano-USD that no call within the bounds can exceed, whenever and however it is answered.

    Each kind of token counts at the highest rate of its family: every source, every tier of length
    that the prompt can reach, every time of day, every variant that `context` does not rule out.
    Ruled out is what names another value than the context does. `service_tier` that is missing or
    "auto" rules nothing out, since a project's own setting may choose any; name "default" or
    "standard" where it cannot. Other keys that are missing were not asked for. `cache_write`:
    "none" or "5m" in the context says what the request cannot write.
    With `at_us`, prices that were replaced before, or that begin more than a day later, are left
    out; without it all count.
    """
    prompt = bounds.input + bounds.audio_input + bounds.media_input
    asked = context or {}
    text = _text_meters(asked)
    found = [sheet for book in (rates.book, *rates.also) for sheet in _possible(book, asked, at_us)]

    def highest(meters: tuple[str, ...]) -> int:
        return max((_top(sheet.get(m), prompt) for sheet in found for m in meters), default=0)

    parts = (
        (bounds.input, highest(text), "input"),
        (bounds.audio_input, highest((*text, *AUDIO)), "input"),
        (bounds.media_input, highest((*text, *MEDIA)), "input"),
        (bounds.output, highest(MADE), "output"),
        (1, highest(("request",)), "request"),
        *(
            (max(number, rates.minimum.get(name, 0)) if number else 0, highest((name,)), name)
            for name, number in bounds.tool_calls
            # Parts of what is bounded above are paid for there.
            if name not in PARTS
        ),
    )
    total = sum(number * rate * weight(meter) for number, rate, meter in parts)
    return _discounted(total, rates.discount_ppm)


def _text_meters(asked: Mapping[str, str]) -> tuple[str, ...]:
    written = asked.get("cache_write")
    if written == "none":
        return ("input", "cache_read")
    return TEXT[:-1] if written == "5m" else TEXT


def _top(rate: Rate | None, prompt: int) -> int:
    if rate is None:
        return 0
    if isinstance(rate, int):
        return rate
    return max([int(rate[0]), *(int(each) for start, each in rate[1:] if start < prompt)])


def _possible(
    book: Book, asked: Mapping[str, str], at_us: int | None
) -> Iterator[Mapping[str, Rate]]:
    """Every set of rates that the call may be priced by."""
    certain: dict[str, Rate] = {}
    for sheet in book.variants:
        if at_us is not None and _surely(sheet, asked, at_us):
            for meter, rate in sheet.rates.items():
                certain.setdefault(meter, rate)
        elif _may_fit(sheet, asked) and _may_hold(sheet, at_us):
            yield sheet.rates
    for sheet in _not_replaced(book.prices, at_us):
        yield {**sheet.rates, **certain}


def _surely(sheet: Sheet, asked: Mapping[str, str], at_us: int) -> bool:
    """Only a way of sending makes sure of a price; a tier may be answered by another one."""
    lasts = sheet.from_us <= at_us and sheet.to_us > at_us + SLACK_US and sheet.minutes is None
    return lasts and set(sheet.when) == {"processing"} and sheet.fits(asked)


def _may_fit(sheet: Sheet, asked: Mapping[str, str]) -> bool:
    return all(
        asked.get(key, "") in (value, *(ANY_TIER if key == "service_tier" else ()))
        for key, value in sheet.when.items()
    )


def _may_hold(sheet: Sheet, at_us: int | None) -> bool:
    return at_us is None or (sheet.from_us <= at_us + SLACK_US and sheet.to_us > at_us)


def _not_replaced(prices: tuple[Sheet, ...], at_us: int | None) -> list[Sheet]:
    """Those that may still count; an earlier one does not when a later one always holds."""
    if at_us is None:
        return list(prices)
    kept = []
    for sheet in reversed(prices):
        if _may_hold(sheet, at_us):
            kept.append(sheet)
        if sheet.from_us <= at_us and sheet.to_us > at_us + SLACK_US and sheet.minutes is None:
            return kept
    # Where none holds, the first one counts.
    return [*kept, prices[0]]
