"""What tokens that were used would cost by other rates."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from models.costs.advice.shapes import Use
from sallim.ledger.money_rows import Tokens
from sallim.prices import Rates
from sallim.prices.cost import discounted, price
from sallim.prices.meters import weight
from sallim.prices.rates import DAY_US, MINUTE_US

METERS = {name: name for name in Tokens._fields} | {"media_input": "image_input"}
NANO = Decimal(10) ** 9


class Slot(NamedTuple):
    """Minutes of the UTC day, the end not in it; it may go over midnight."""

    first: int
    end: int


def usd_of(use: Use, rates: Rates, at_us: int, context: Mapping[str, str] | None = None) -> Decimal:
    """By the average length of its prompts where a price depends on it."""
    found = rates.book.at(at_us, context or {})
    counts = {METERS[name]: count for name, count in use.tokens._asdict().items() if count}
    prompt = prompt_tokens(use.tokens) // max(use.calls, 1)
    total = sum(
        count * price(meter, found, prompt) * weight(meter) for meter, count in counts.items()
    )
    total += use.calls * price("request", found, prompt) * weight("request")
    return discounted(total, rates.discount_ppm) / NANO


def rate_of(rates: Rates, meter: str, at_us: int) -> Decimal:
    """Dollars for one token of a short prompt."""
    found = rates.book.at(at_us, {})
    return (
        discounted(price(meter, found, 0) * weight(meter) * 10**6, rates.discount_ppm)
        / NANO
        / 10**6
    )


def dearest_us(rates: Rates, use: Use, now_us: int) -> int:
    """The moment of today at which it costs the most: no saving is then due to the hour."""
    return max(_moments(rates, now_us), key=lambda at_us: usd_of(use, rates, at_us))


def cheapest_slot(rates: Rates, use: Use, now_us: int) -> tuple[Slot, Decimal] | None:
    """When it is cheaper, and what all of it would cost then; None where no hour differs."""
    moments = _moments(rates, now_us)
    costs = {at_us: usd_of(use, rates, at_us) for at_us in moments}
    least = min(costs.values())
    if least == max(costs.values()):
        return None
    # The day is a ring: it begins where a dear part ends, and goes on up to the next dear one.
    turns = zip([*moments[-1:], *moments], moments, strict=False)
    first = next(at_us for before, at_us in turns if costs[at_us] == least < costs[before])
    dear = [at_us for at_us in moments if costs[at_us] != least]
    end = next((at_us for at_us in dear if at_us > first), dear[0])
    return Slot(first % DAY_US // MINUTE_US, end % DAY_US // MINUTE_US), least


def paid_usd(rates: Rates, use: Use, now_us: int) -> Decimal:
    """What its tokens did cost: without tools, and not more than all that was paid."""
    return min(use.usd, usd_of(use, rates, dearest_us(rates, use, now_us)))


def won_of(usd: Decimal, use: Use) -> Decimal:
    """At what a dollar of these calls did cost, with VAT and fee."""
    return usd * use.won / use.usd if use.usd else Decimal(0)


def prompt_tokens(tokens: Tokens) -> int:
    return sum(tokens) - tokens.output - tokens.reasoning


def merged(uses: Iterable[Use]) -> list[Use]:
    """One of each workflow and model; `is_patient` then means that nobody waits for any of them."""
    found: dict[tuple[str, str, str], Use] = {}
    for use in uses:
        key = use[:3]
        known = found.get(key)
        found[key] = use if known is None else _sum(known, use)
    return list(found.values())


def _sum(one: Use, other: Use) -> Use:
    return Use(
        *one[:3],
        one.is_patient and other.is_patient,
        one.calls + other.calls,
        one.won + other.won,
        one.usd + other.usd,
        Tokens(*(a + b for a, b in zip(one.tokens, other.tokens, strict=True))),
    )


def _moments(rates: Rates, now_us: int) -> list[int]:
    """Of today, at which the rates may change; in order."""
    midnight = now_us - now_us % DAY_US
    minutes = {0}
    for sheet in (*rates.book.prices, *rates.book.variants):
        minutes.update(minute % 1_440 for minute in sheet.minutes or ())
    return [midnight + minute * MINUTE_US for minute in sorted(minutes)]
