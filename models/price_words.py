"""What a call costs, said in lines for a terminal."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sallim.ledger.money_rows import Exchange
from sallim.money import gross_micro
from sallim.prices import Bounds, Rates, cost_of, limits_of, worst_of
from sallim.prices.meters import PER
from sallim.usage import Usage

Rate = int | Sequence[Any]
BY_TOKENS = ("input", "output")
UNITS = {1: "each", 3_600: "an hour", 1_000_000: "a million", 1_000_000_000: "a billion"}


def card(
    rates: Rates, usage: Usage, at_us: int, exchange: Exchange, updated_us: int
) -> Iterator[str]:
    """A model's prices at a moment, an example, and where it is all from."""
    cost, worst = cost_of(usage, rates, at_us), worst_of(_bounds(usage), rates, None, at_us)
    yield f"{rates.provider} {rates.model}"
    meters = rates.book.at(at_us, {})
    by_tokens = not meters or not meters.keys().isdisjoint(BY_TOKENS)
    if by_tokens:
        yield (
            f"  {usage.input:,} tokens in and {usage.output:,} out: {_usd(cost)}, "
            f"{_won(cost, exchange)} won; kept free at most: {_won(worst, exchange)} won"
        )
    else:
        yield f"  priced by {', '.join(sorted(meters))}, not by tokens"
    for meter, rate in sorted(meters.items()):
        yield f"  {meter}: {_rate(meter, rate)}"
    windows = sum(1 for sheet in rates.book.prices if sheet.minutes)
    if windows:
        yield f"  {windows} times of day (UTC) have other prices; this is now"
    for sheet in rates.book.variants:
        if sheet.holds(at_us):
            when = ", ".join(f"{key} {value}" for key, value in sheet.when.items())
            prices = ", ".join(
                f"{meter} {_rate(meter, rate)}" for meter, rate in sheet.rates.items()
            )
            yield f"  {when}: {prices}"
    if rates.discount_ppm:
        yield f"  your discount: {rates.discount_ppm / 10_000:g} %"
    if by_tokens:
        yield _limits(rates)
    day = datetime.fromtimestamp(updated_us / 1_000_000, UTC).strftime("%Y-%m-%d")
    yield f"  price {rates.price_id} from {rates.source}, {day}"
    yield (
        f"  a dollar: {gross_micro(1_000_000_000, exchange) / 1_000_000:,.2f} won with "
        f"{exchange.vat_ppm / 10_000:g} % VAT and {exchange.fee_ppm / 10_000:g} % for the card; "
        f"rate of {exchange.rate_date} ({exchange.source})"
    )
    yield from disagreements(rates, at_us)


def disagreements(rates: Rates, at_us: int) -> Iterator[str]:
    """Where another source is more than 1 % away; the dearer one is what is kept free."""
    ours = rates.book.at(at_us, {})
    for book in rates.also:
        theirs = book.at(at_us, {})
        for meter in sorted(ours.keys() & theirs.keys()):
            own, other = _base(ours[meter]), _base(theirs[meter])
            if abs(own - other) * 100 > own:
                yield f"  another source says for {meter}: {_rate(meter, theirs[meter])}"


def _limits(rates: Rates) -> str:
    known = limits_of(rates.provider, rates.model)
    said = [
        (own, None if known is None else theirs)
        for own, theirs in zip(rates.limits, known or (0, 0), strict=False)
    ]
    if any(own is None and theirs is None for own, theirs in said):
        return "  how many tokens it takes at most is not known: say it in [[price]]"
    most_in, most_out = (theirs if own is None else own for own, theirs in said)
    source = "as you say" if known is None else f"{known.source}, {known.date}"
    if known is not None and rates.limits != (None, None):
        source = f"as you say; else {source}"
    return f"  at most {most_in:,} tokens in and {most_out:,} out ({source})"


def _bounds(usage: Usage) -> Bounds:
    return Bounds(usage.prompt, usage.output + usage.reasoning)


def _rate(meter: str, rate: Rate) -> str:
    unit = UNITS[PER.get(meter, 1)]
    if isinstance(rate, int):
        return f"{_usd(rate)} {unit}"
    steps = "".join(f", {_usd(tier)} above {start:,}" for start, tier in rate[1:])
    return f"{_usd(int(rate[0]))} {unit}{steps}"


def _base(rate: Rate) -> int:
    return rate if isinstance(rate, int) else int(rate[0])


def _usd(nano: int) -> str:
    """With as many digits as it has, at least cents.

    >>> _usd(150_000_000), _usd(2_500_000_000), _usd(63_200)
    ('$0.15', '$2.50', '$0.0000632')
    """
    whole, part = divmod(nano, 1_000_000_000)
    digits = f"{part:09d}".rstrip("0").ljust(2, "0")
    return f"${whole:,}.{digits}"


def _won(nano: int, exchange: Exchange) -> str:
    micro = gross_micro(nano, exchange)
    return f"{micro / 1_000_000:,.4f}" if micro < 100_000_000 else f"{micro / 1_000_000:,.0f}"
