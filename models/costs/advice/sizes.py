"""How large calls are: limits that nobody reaches, thoughts, pictures and sound."""

from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from models.costs.advice.pricing import merged, prompt_tokens, rate_of, won_of
from models.costs.advice.shapes import (
    CALLS_MIN,
    Advice,
    Evidence,
    Limits,
    Market,
    Use,
    basis_of,
    is_worth,
    known_calls,
)
from models.costs.shapes import NOTHING
from models.messages import say
from sallim.ledger.money_rows import Tokens

WIDE = 2
"""A limit so many times what is enough keeps money from other calls."""
ROOM = Decimal("1.5")
FREED_MIN_WON = Decimal(1)
"""Of one call."""
HALF = Decimal("0.5")


class Part(NamedTuple):
    """A kind of tokens, the meter that it is paid by, and the whole of which it is a part."""

    count: Callable[[Tokens], int]
    whole: Callable[[Tokens], int]
    meter: str
    share_max: Decimal


THOUGHTS = Part(
    lambda tokens: tokens.reasoning,
    lambda tokens: tokens.output + tokens.reasoning,
    "reasoning",
    Decimal("0.6"),
)
MEDIA = Part(lambda tokens: tokens.media_input, prompt_tokens, "image_input", Decimal("0.5"))
LIMIT_CODE = {
    "openai": "max_output_tokens={n}",
    "google": "config=types.GenerateContentConfig(max_output_tokens={n})",
}
THOUGHTS_CODE = {
    "openai": 'reasoning={"effort": "low"}',
    "anthropic": 'thinking={"type": "enabled", "budget_tokens": 1024}',
    "google": "thinking_config=types.ThinkingConfig(thinking_budget=512)",
}
MEDIA_CODE = {
    "openai": '{"type": "input_image", "image_url": URL, "detail": "low"}',
    "google": "config=types.GenerateContentConfig("
    "media_resolution=types.MediaResolution.MEDIA_RESOLUTION_LOW)",
}


def wide_limits(
    limits: Iterable[Limits], left_won: Decimal | None, market: Market
) -> Iterator[Advice]:
    """It saves nothing, and lets more calls in at the end of the month."""
    for one in limits:
        rates = market.prices.find(one.provider, one.model)
        enough = enough_tokens(one.p99_output)
        if rates is None or one.calls < CALLS_MIN or one.output_max <= WIDE * enough:
            continue
        usd = (one.output_max - enough) * rate_of(rates, "output", market.now_us)
        freed = min(usd * one.won_per_usd, one.worst_won)
        if freed < FREED_MIN_WON:
            continue
        yield Advice(
            "limits",
            basis_of(*one[:3]),
            say(
                "Calls of {model} may answer with {most:,} tokens, and 99 of 100 need at most "
                "{p99:,}.",
                model=one.model,
                most=one.output_max,
                p99=one.p99_output,
            ),
            (
                Evidence(say("calls looked at"), Decimal(one.calls), "calls"),
                Evidence(say("kept free for one call"), one.worst_won, "won"),
                Evidence(say("less with the smaller limit"), freed, "won"),
                *_more_calls(one, freed, left_won),
            ),
            None,
            "high",
            say("Counted out of all answers of these days; longer ones would be cut."),
            (
                say(
                    "Set the limit to {n:,} tokens. It costs no less, but keeps less money from "
                    "other calls.",
                    n=enough,
                ),
            ),
            LIMIT_CODE.get(one.provider, "max_tokens={n}").format(n=enough),
        )


def enough_tokens(p99_output: int) -> int:
    """Half as much again, in whole hundreds.

    >>> enough_tokens(181), enough_tokens(2_000)
    (300, 3000)
    """
    return max(-(-int(p99_output * ROOM) // 100) * 100, 100)


def _more_calls(one: Limits, freed: Decimal, left_won: Decimal | None) -> tuple[Evidence, ...]:
    if left_won is None or left_won <= 0 or freed >= one.worst_won:
        return ()
    before, after = (
        (left_won / each).to_integral_value(ROUND_FLOOR)
        for each in (one.worst_won, one.worst_won - freed)
    )
    return (
        Evidence(say("calls at once for which there is room now"), before, "calls"),
        Evidence(say("the same with the smaller limit"), after, "calls"),
    )


def long_thoughts(uses: Iterable[Use], market: Market) -> Iterator[Advice]:
    for use, share, spent in _mostly(uses, market, THOUGHTS):
        yield Advice(
            "thoughts",
            basis_of(*use[:3]),
            say(
                "{share:.0%} of what {model} makes are thoughts that nobody reads.",
                share=float(share),
                model=use.model,
            ),
            (
                *known_calls(use.calls, use.won),
                Evidence(say("of it for thoughts"), spent, "won"),
                Evidence(say("part of the output"), share, "share"),
            ),
            spent * HALF,
            "low",
            say("Reckoned as if half as much were thought; whether answers suffer is not tested."),
            (say("Ask for less thinking, and compare the answers of some samples."),),
            THOUGHTS_CODE.get(use.provider, ""),
        )


def large_media(uses: Iterable[Use], market: Market) -> Iterator[Advice]:
    for use, share, spent in _mostly(uses, market, MEDIA):
        yield Advice(
            "media",
            basis_of(*use[:3]),
            say(
                "{share:.0%} of what {model} is sent are pictures and video.",
                share=float(share),
                model=use.model,
            ),
            (
                *known_calls(use.calls, use.won),
                Evidence(say("of it for pictures and video"), spent, "won"),
                Evidence(say("part of the input"), share, "share"),
            ),
            spent * HALF,
            "low",
            say(
                "Reckoned as if half as many tokens were sent; how much can be seen is not tested."
            ),
            (
                say("Send a lower resolution, or fewer frames a second of a video."),
                say("Compare the answers of some samples."),
            ),
            MEDIA_CODE.get(use.provider, ""),
        )


def _mostly(
    uses: Iterable[Use], market: Market, part: Part
) -> Iterator[tuple[Use, Decimal, Decimal]]:
    """Uses in which that part is larger than it should be, its share, and the won spent on it."""
    for use in merged(uses):
        count = part.count(use.tokens)
        spent = _spent(use, count, part.meter, market)
        if not count or not is_worth(spent * HALF, use.calls):
            continue
        share = Decimal(count) / part.whole(use.tokens)
        if share > part.share_max:
            yield use, share, spent


def _spent(use: Use, count: int, meter: str, market: Market) -> Decimal:
    """Won that so many tokens did cost, as listed, and not more than all of it."""
    rates = market.prices.find(use.provider, use.model)
    if rates is None:
        return NOTHING
    return min(won_of(count * rate_of(rates, meter, market.now_us), use), use.won)
