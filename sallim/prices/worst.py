"""The most that a call can cost, in whole nano-USD, rounded up: what is kept free for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sallim.prices.cost import discounted
from sallim.prices.meters import AUDIO, MADE, MEDIA, PARTS, TEXT, weight
from sallim.prices.rates import DAY_US, Book, Rates, Sheet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sallim.prices.rates import Rate

ANY_TIER = ("", "auto")
"""A provider may answer at another tier than the standard one when none is asked for."""
SLACK_US = DAY_US
"""A price that begins within a day may hold before the call is over."""
REMEMBERED_MAX = 64


class Bounds(NamedTuple):
    """The most that a call can use.

    `input` bounds the tokens of text that are sent, cached or not; sound and media, cached or not,
    are beside it. `output` bounds everything that is made, thoughts included. `tool_calls` are
    pairs of a name and the highest count, as in Usage.
    """

    input: int
    output: int
    audio_input: int = 0
    media_input: int = 0
    tool_calls: tuple[tuple[str, int], ...] = ()


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
    ceiling = _ceiling_of(rates, context or {}, at_us)
    total = (
        bounds.input * ceiling.highest("text", prompt) * weight("input")
        + bounds.audio_input * ceiling.highest("audio", prompt) * weight("input")
        + bounds.media_input * ceiling.highest("media", prompt) * weight("input")
        + bounds.output * ceiling.highest("made", prompt) * weight("output")
        + ceiling.highest("request", prompt) * weight("request")
    )
    for name, number in bounds.tool_calls:
        # Parts of what is bounded above are paid for there.
        if number and name not in PARTS:
            most = max(number, rates.minimum.get(name, 0))
            total += most * ceiling.highest(name, prompt) * weight(name)
    return discounted(total, rates.discount_ppm)


class _Ceiling:
    """The highest rates that are possible, by kind and by the length of the prompt."""

    def __init__(self, sheets: list[Mapping[str, Rate]], text: tuple[str, ...]) -> None:
        kinds = {
            "text": text,
            "audio": (*text, *AUDIO),
            "media": (*text, *MEDIA),
            "made": MADE,
        }
        own = {meter: (meter,) for sheet in sheets for meter in sheet if meter not in kinds}
        self._steps = {
            kind: _steps([sheet[meter] for sheet in sheets for meter in meters if meter in sheet])
            for kind, meters in {**own, **kinds}.items()
        }

    def highest(self, kind: str, prompt: int) -> int:
        top = 0
        for start, rate in self._steps.get(kind, ()):
            if start and start >= prompt:
                break
            top = rate
        return top


def _steps(rates: list[Rate]) -> list[tuple[int, int]]:
    """Where the highest of them rises, and to what; it never falls."""
    found: dict[int, int] = {}
    for rate in rates:
        for start, each in [(0, rate)] if isinstance(rate, int) else [(0, rate[0]), *rate[1:]]:
            found[start] = max(found.get(start, 0), each)
    steps: list[tuple[int, int]] = []
    for start, rate_there in sorted(found.items()):
        if not steps or rate_there > steps[-1][1]:
            steps.append((start, rate_there))
    return steps


def _ceiling_of(rates: Rates, asked: Mapping[str, str], at_us: int | None) -> _Ceiling:
    """Remembered for the day: prices begin and end at midnight UTC, and working it out is slow."""
    key = (None if at_us is None else at_us // DAY_US, *sorted(asked.items()))
    known = rates.remembered.get(key)
    if known is None:
        sheets = [
            sheet for book in (rates.book, *rates.also) for sheet in _possible(book, asked, at_us)
        ]
        known = _Ceiling(sheets, _text_meters(asked))
        if len(rates.remembered) >= REMEMBERED_MAX:
            rates.remembered.clear()
        rates.remembered[key] = known
    return known


def _text_meters(asked: Mapping[str, str]) -> tuple[str, ...]:
    written = asked.get("cache_write")
    if written == "none":
        return ("input", "cache_read")
    return TEXT[:-1] if written == "5m" else TEXT


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
