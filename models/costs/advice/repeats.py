"""Calls that ask the same again, as a whole or as they begin."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, Decimal

from models.costs.advice.pricing import rate_of
from models.costs.advice.shapes import (
    Advice,
    Beginnings,
    Confidence,
    Evidence,
    Market,
    Repeats,
    basis_of,
    is_worth,
    known_calls,
)
from models.messages import Message, say
from sallim.prices import Rates

BEGINNING_TOKENS = 1_000
"""Of the 4 KB that are compared: more may be alike, and is not claimed."""
CACHE_MIN_TOKENS = {"anthropic": 4_096}
"""A shorter prompt is not kept for another call (Claude Haiku 4.5 and Opus 4.5; others 1,024)."""
CACHE_MIN_TOKENS_ELSEWHERE = 1_024
CACHE_CODE = {
    "anthropic": 'system=[{"type": "text", "text": FIXED, "cache_control": {"type": "ephemeral"}}]',
    "openai": 'client.responses.create(..., prompt_cache_key="one-name-a-workflow")',
}
ANSWER_CODE = """\
import hashlib, json, shelve

with shelve.open("answers") as kept:
    key = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    if key not in kept:
        kept[key] = client.responses.create(**request).output_text
    answer = kept[key]"""


def repeated_calls(repeats: Iterable[Repeats]) -> Iterator[Advice]:
    """The same request within a day: its answer need not be paid for again."""
    for one in repeats:
        if not is_worth(one.repeated_won, one.calls):
            continue
        embeds = "embed" in one.model
        yield Advice(
            "repeated",
            basis_of(*one[:3]),
            say(
                "{share:.0%} of the calls of {model} asked word for word what was asked within the "
                "day before.",
                share=one.repeated / one.calls,
                model=one.model,
            ),
            (
                Evidence(say("calls looked at"), Decimal(one.calls), "calls"),
                Evidence(say("asked again"), Decimal(one.repeated), "calls"),
                Evidence(say("part of all"), Decimal(one.repeated) / one.calls, "share"),
            ),
            one.repeated_won,
            "high" if embeds else "medium",
            say("An embedding of the same text is the same.")
            if embeds
            else say("Whether the same answer may be given again is yours to say."),
            (
                say("Keep answers for a day, by a hash of the request."),
                say("Look whether a workflow is started twice for one thing."),
            ),
            ANSWER_CODE,
        )


def cached_beginnings(beginnings: Iterable[Beginnings], market: Market) -> Iterator[Advice]:
    """Prompts that begin alike within five minutes: a cache of the provider sells that cheaper."""
    for one in beginnings:
        rates = market.prices.find(one.provider, one.model)
        least = CACHE_MIN_TOKENS.get(one.provider, CACHE_MIN_TOKENS_ELSEWHERE)
        if rates is None or not one.usd or one.input_tokens < least * one.calls:
            continue
        read_less, write_more = _differences(rates, market.now_us)
        usd = BEGINNING_TOKENS * (one.reads * read_less - one.writes * write_more)
        saving = usd * one.won / one.usd
        if read_less <= 0 or not is_worth(saving, one.calls):
            continue
        share = Decimal(BEGINNING_TOKENS * one.reads) / one.input_tokens
        confidence, reason = _sure(one.provider)
        yield Advice(
            "caching",
            basis_of(*one[:3]),
            say(
                "At least {share:.0%} of what is sent to {model} repeats the beginning of a call "
                "shortly before, and is paid in full.",
                share=float(share),
                model=one.model,
            ),
            (
                *known_calls(one.calls, one.won),
                Evidence(say("began like one before, uncached"), Decimal(one.reads), "calls"),
                Evidence(say("part of the input that repeats, at least"), share, "share"),
                Evidence(
                    say("cheaper from so many repetitions on"),
                    _break_even(read_less, write_more),
                    "times",
                ),
            ),
            saving,
            confidence,
            reason,
            (
                say("Put what is the same in every call first, and what differs last."),
                say("Mark where it ends, where the provider asks for it."),
            ),
            CACHE_CODE.get(one.provider, ""),
        )


def _differences(rates: Rates, at_us: int) -> tuple[Decimal, Decimal]:
    """What a token that is read costs less, and one that is written more, in dollars."""
    full = rate_of(rates, "input", at_us)
    written = rate_of(rates, "cache_write_5m", at_us)
    return full - rate_of(rates, "cache_read", at_us), max(written - full, Decimal(0))


def _break_even(read_less: Decimal, write_more: Decimal) -> Decimal:
    """Of one beginning: what writing costs more must come back by reading.

    >>> _break_even(Decimal("0.9"), Decimal("0.25")), _break_even(Decimal("0.9"), Decimal(1))
    (Decimal('1'), Decimal('2'))
    """
    return max((write_more / read_less).to_integral_value(ROUND_CEILING), Decimal(1))


def _sure(provider: str) -> tuple[Confidence, Message]:
    if provider == "anthropic":
        return "medium", say("Only the first 4 KB of prompts are compared; more may repeat.")
    return "low", say(
        "Only the first 4 KB of prompts are compared, and this provider decides by itself what it "
        "keeps."
    )
