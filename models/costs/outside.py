"""What a provider counts and no guard has seen: somebody uses a key without it.

By the hour of UTC, so that the same finding is told once, and at least: calls that may have been
counted in an hour are taken off it whole, and those in doubt at their worst case.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from models.costs.minutes import (
    TOOLS,
    Counts,
    Minute,
    around,
    by_model,
    calls_by_model,
    requests_of,
    within,
)
from models.costs.used import Used, summed, used_by
from models.messages import Message, say
from sallim.ledger.money_rows import OPEN, SETTLED, UNVERIFIED, CallRow
from sallim.money import MICRO, NANO
from sallim.prices import PriceList, cost_of

HOUR_SECONDS = 3_600
TOKENS_MIN = 200
PART_MIN = 100
"""Fewer than so many tokens, or than this part of an hour's (a hundredth), is no finding."""
UNIT = 10_000
"""Of so many tokens the price is taken: below every step at which long prompts become dearer."""


class Outside(NamedTuple):
    """Of one model in [since, until), UTC epoch seconds.

    `nano_usd` is what it costs at the price of the list, None where there is none; `requests` is
    0 where they are not counted, and the tokens are where seconds of sound are.
    """

    provider: str
    model: str
    since: float
    until: float
    sent: int
    made: int
    requests: int
    nano_usd: int | None


def outside(provider: str, counts: Counts, prices: PriceList, now: float) -> Iterator[Outside]:
    ours = calls_by_model(counts.calls)
    for key, minutes in by_model(counts.told).items():
        since = counts.since
        while key != TOOLS and since < now:
            until = (since // HOUR_SECONDS + 1) * HOUR_SECONDS
            theirs = within(minutes, since, until)
            mine = around(ours.get(key, ()), since, until)
            found = _beyond(provider, theirs, mine, prices)
            if found is not None:
                yield found._replace(model=key, since=since, until=until)
            since = until


def _beyond(
    provider: str, theirs: Sequence[Minute], mine: Sequence[CallRow], prices: PriceList
) -> Outside | None:
    used = summed(each.used for each in theirs)
    known = summed(used_by(call) for call in mine if call.state == SETTLED)
    more = max((requests_of(theirs) or 0) - len(mine), 0)
    if used.audio_seconds:
        # Seconds here may be tokens there.
        return Outside(provider, "", 0, 0, 0, 0, more, None) if more else None
    sent, made = max(used.sent - known.sent, 0), max(used.output - known.output, 0)
    if sent + made <= max(TOKENS_MIN, (used.sent + used.output) // PART_MIN):
        return None
    nano_usd = _list_price(provider, theirs, (sent, made), prices)
    in_doubt = [call for call in mine if call.state in (OPEN, UNVERIFIED)]
    split = [call for call in mine if call.state == SETTLED and not any(used_by(call))]
    at_most = sum(call.worst_nano_usd for call in in_doubt) + sum(call.nano_usd for call in split)
    if (in_doubt or split) and (nano_usd is None or nano_usd <= at_most):
        return None
    return Outside(provider, "", 0, 0, sent, made, more, nano_usd)


def _list_price(
    provider: str, theirs: Sequence[Minute], tokens: tuple[int, int], prices: PriceList
) -> int | None:
    """At the cheapest of the tiers that answered."""
    rates = prices.find(provider, theirs[0].model)
    if rates is None:
        return None
    sent, made = tokens
    at_us = int(theirs[0].since * MICRO)
    return min(
        cost_of(Used(input=UNIT).usage(tier), rates, at_us) * sent // UNIT
        + cost_of(Used(output=UNIT).usage(tier), rates, at_us) * made // UNIT
        for tier in {each.service_tier for each in theirs}
    )


def told_of(found: Outside) -> Message:
    """For people."""
    about: dict[str, str | int | float] = {
        "provider": found.provider,
        "model": found.model or "?",
        "since": _clock(found.since, "%Y-%m-%d %H:%M"),
        "until": _clock(found.until, "%H:%M"),
        "requests": found.requests,
    }
    if not found.sent and not found.made:
        return say(
            "calls of {model} from {since} to {until} UTC that passed no guard: {requests}; look "
            "who else has a key of {provider}, and send them through guard or gateway",
            **about,
        )
    dollars = "?" if found.nano_usd is None else f"{found.nano_usd / NANO:,.4f}"
    return say(
        "{sent} tokens to {model} and {made} from it, from {since} to {until} UTC, passed no guard "
        "(about {usd} USD); look who else has a key of {provider}, and send them through guard or "
        "gateway",
        sent=found.sent,
        made=found.made,
        usd=dollars,
        **about,
    )


def _clock(at: float, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)
