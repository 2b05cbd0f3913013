"""The same calls at other prices: a smaller model, a tier that may wait, another hour."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from models.costs.advice.families import is_comparable
from models.costs.advice.pricing import cheapest_slot, dearest_us, merged, paid_usd, usd_of, won_of
from models.costs.advice.shapes import (
    Advice,
    Confidence,
    Evidence,
    Market,
    Use,
    basis_of,
    is_worth,
    known_calls,
)
from models.messages import Message, say
from sallim.prices import Rates

CHEAPER_MAX = Decimal("0.9")
"""A model that costs more than this part is no way to save."""
TRIAL_CALLS = 20
FLEX: Mapping[str, str] = {"service_tier": "flex"}
BATCH: Mapping[str, str] = {"processing": "batch"}
FLEX_CODE = {
    "openai": 'client.responses.create(..., service_tier="flex", timeout=900)',
}
BATCH_CODE = {
    "openai": 'client.batches.create(input_file_id=..., endpoint="/v1/responses", '
    'completion_window="24h")',
    "anthropic": "client.messages.batches.create(requests=[...])",
    "google": "client.batches.create(model=..., src=[...])",
}


def cheaper_model(uses: Iterable[Use], market: Market) -> Iterator[Advice]:
    """The next smaller one of the same family, by the tokens that were really used."""
    for use in merged(uses):
        found = _next_smaller(use, market)
        if found is None:
            continue
        model, paid, usd = found
        saving = won_of(paid - usd, use)
        if not is_worth(saving, use.calls):
            continue
        yield Advice(
            "cheaper_model",
            basis_of(*use[:3]),
            say(
                "{cheaper} instead of {model} would cost {share:.0%} less.",
                cheaper=model,
                model=use.model,
                share=float(saving / use.won),
            ),
            (
                *known_calls(use.calls, use.won),
                Evidence(say("the same tokens with the cheaper model"), use.won - saving, "won"),
            ),
            saving,
            "medium",
            say("The prices are known, the quality is not tested."),
            (
                say(
                    "Try it on {n} samples of this workflow and compare the answers before you "
                    "change it for all.",
                    n=TRIAL_CALLS,
                ),
            ),
            f'model = "{model}"',
        )


def batch(uses: Iterable[Use], market: Market) -> Iterator[Advice]:
    """Calls for whose answers nobody waits: optional ones, and those of n8n at night."""
    for use in uses:
        rates = market.prices.find(use.provider, use.model)
        if not use.is_patient or rates is None or not use.usd:
            continue
        way = _slower_way(use, rates, market.now_us)
        if way is None:
            continue
        saving = won_of(paid_usd(rates, use, market.now_us) - way.usd, use)
        if not is_worth(saving, use.calls):
            continue
        yield Advice(
            "batch",
            basis_of(*use[:3]),
            say(
                "Nobody waits for these answers of {model}; as {tier} they cost {share:.0%} less.",
                model=use.model,
                tier=way.tier,
                share=float(saving / use.won),
            ),
            (
                *known_calls(use.calls, use.won),
                Evidence(say("the same tokens at that price"), use.won - saving, "won"),
            ),
            saving,
            way.confidence,
            way.reason,
            way.steps,
            way.code,
        )


def off_peak(uses: Iterable[Use], market: Market) -> Iterator[Advice]:
    """Where a provider is cheaper at some hours."""
    for use in merged(uses):
        rates = market.prices.find(use.provider, use.model)
        if rates is None or not use.usd:
            continue
        found = cheapest_slot(rates, use, market.now_us)
        if found is None:
            continue
        slot, usd = found
        saving = won_of(paid_usd(rates, use, market.now_us) - usd, use)
        if not is_worth(saving, use.calls):
            continue
        first, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in slot)
        yield Advice(
            "off_peak",
            basis_of(*use[:3]),
            say(
                "{model} is cheaper from {first} to {end} UTC.",
                model=use.model,
                first=first,
                end=end,
            ),
            (
                *known_calls(use.calls, use.won),
                Evidence(say("all of them in the cheap hours"), use.won - saving, "won"),
            ),
            saving,
            "medium" if use.is_patient else "low",
            say("All of these calls can wait, as it seems.")
            if use.is_patient
            else say("Whether these calls can wait is not known."),
            (
                say(
                    "Let the workflow's schedule begin at {first} UTC, or collect what is to be "
                    "done until then.",
                    first=first,
                ),
            ),
        )


class _Way(NamedTuple):
    """A slower and cheaper way to send calls."""

    tier: str
    usd: Decimal
    confidence: Confidence
    reason: Message
    steps: tuple[Message, ...]
    code: str


def _slower_way(use: Use, rates: Rates, now_us: int) -> _Way | None:
    """Flex where it is sold, for it changes one line; else a batch."""
    at_us = dearest_us(rates, use, now_us)
    usual, flex, batched = (usd_of(use, rates, at_us, context) for context in ({}, FLEX, BATCH))
    if flex < usual:
        return _Way(
            "flex",
            flex,
            "high" if use.provider in FLEX_CODE else "medium",
            say(
                "The price is listed; an answer may take minutes, and is refused when all is busy."
            ),
            (say("Ask for the tier `flex` with a long timeout, and try again later on HTTP 429."),),
            FLEX_CODE.get(use.provider, 'service_tier = "flex"'),
        )
    if batched < usual:
        return _Way(
            "batch",
            batched,
            "medium",
            say("The price is listed; answers come within 24 hours, and the program changes."),
            (
                say("Collect the requests and send them as one batch."),
                say(
                    "The guard cannot bound a batch and refuses it: send it with a client that has "
                    "no guard, and enter its cost with `@sallim.metered`."
                ),
            ),
            BATCH_CODE.get(use.provider, ""),
        )
    return None


def _next_smaller(use: Use, market: Market) -> tuple[str, Decimal, Decimal] | None:
    """The dearest of those that are cheaper, which is the smallest step down.

    With what the tokens did cost and would cost, in dollars.
    """
    own = market.prices.find(use.provider, use.model)
    if own is None or not use.usd:
        return None
    paid = paid_usd(own, use, market.now_us)
    found: dict[str, Decimal] = {}
    for model in market.prices.names(use.provider):
        rates = market.prices.find(use.provider, model) if is_comparable(own.model, model) else None
        # What the own model has a price for, the other one needs too: else it seems free.
        if rates is None or not (rates.prices("input") and rates.prices("output")):
            continue
        usd = usd_of(use, rates, dearest_us(rates, use, market.now_us))
        if 0 < usd <= paid * CHEAPER_MAX:
            found[model] = usd
    if not found:
        return None
    model = max(found, key=lambda name: (found[name], name))
    return model, paid, found[model]
