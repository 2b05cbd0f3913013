"""What is charged without a call: an amount in some currency becomes a row of the ledger.

Amounts are Decimal in the currency that is charged. Won are gross already: what a Korean shop
charges has its VAT in it, and no card fee for payments abroad. Dollars and euros are net.
"""

from decimal import ROUND_CEILING, Decimal
from typing import Literal, NamedTuple, get_args

from models.costs.fx import DayRate
from sallim.ledger.money_rows import (
    ESSENTIAL,
    Asked,
    CallRow,
    Exchange,
    Settlement,
    Tokens,
)
from sallim.money import MICRO, NANO, gross_micro

Currency = Literal["KRW", "USD", "EUR"]
CURRENCIES: tuple[Currency, ...] = get_args(Currency)
USD_PER_EUR_MAX = Decimal("1.20")
"""Until a rate is known: above the 1.16 of November 2026, so that a cap is not broken."""


class Price(NamedTuple):
    amount: Decimal
    currency: Currency


class Cost(NamedTuple):
    """What an amount is in whole nano-USD, and in gross micro-won at the rate `fx`."""

    nano_usd: int
    gross_micro: int
    fx: Exchange


class Item(NamedTuple):
    """What is charged; `key` makes two rows one, `endpoint` is such as "fixed:vps"."""

    key: str
    provider: str
    endpoint: str
    buckets: tuple[str, ...]
    model: str = ""
    note: str = ""


def price_of(text: str) -> Price:
    """Of a text that the rules of the settings have let through.

    >>> price_of("5.35 USD")
    Price(amount=Decimal('5.35'), currency='USD')
    """
    amount, currency = text.split()
    return Price(Decimal(amount), next(known for known in CURRENCIES if known == currency.upper()))


def at_rate(exchange: Exchange, rate: DayRate | None) -> Exchange:
    """The owner's VAT and fee at the rate of a day; at the one guards use where none is known.

    That one is for reserving, too: what is booked later must not be more.
    """
    if rate is None:
        return exchange
    micro = int((rate.won_per_usd * MICRO).to_integral_value(ROUND_CEILING))
    told = f"{rate.source}, of its day"
    return exchange._replace(
        fx_id=f"day-{rate.day}", rate_date=str(rate.day), micro_won_per_usd=micro, source=told
    )


def cost_of(price: Price, fx: Exchange, rate: DayRate | None) -> Cost:
    """Rounded up to a nano-USD and a micro-won, also below zero. `rate` says what a euro is.

    >>> fx = Exchange("", "", "", 1_400_000_000, 100_000, 0, "", 0)
    >>> cost_of(Price(Decimal(10), "USD"), fx, None).gross_micro
    15400000000
    """
    amount, currency = price
    if currency == "KRW":
        dollars = amount * MICRO / fx.micro_won_per_usd
        return Cost(_up(dollars * NANO), _up(amount * MICRO), fx)
    if currency == "EUR":
        amount *= rate.won_per_eur / rate.won_per_usd if rate is not None else USD_PER_EUR_MAX
    nano_usd = _up(amount * NANO)
    return Cost(nano_usd, gross_micro(nano_usd, fx), fx)


def asked_of(item: Item, cost: Cost, at_us: int, expires_us: int) -> Asked:
    """As if it were a call that costs exactly this. Moments are UTC epoch microseconds."""
    return Asked(
        call_id=item.key,
        attempt=1,
        provider=item.provider,
        model=item.model,
        endpoint=item.endpoint,
        workflow="",
        analysis="",
        job_key="",
        key_label="",
        priority=ESSENTIAL,
        buckets=item.buckets,
        worst_nano_usd=max(cost.nano_usd, 0),
        worst_micro=max(cost.gross_micro, 0),
        price_id="",
        fx_id=cost.fx.fx_id,
        vat_ppm=cost.fx.vat_ppm,
        fee_ppm=cost.fx.fee_ppm,
        stream=False,
        host="",
        pid=0,
        process="",
        opened_us=at_us,
        expires_us=expires_us,
    )


def settlement_of(item: Item, cost: Cost, source: str, settled_us: int) -> Settlement:
    """`source` is that of the ledger: estimated, provider_cost or typed."""
    return Settlement(
        nano_usd=cost.nano_usd,
        gross_micro=cost.gross_micro,
        source=source,
        status=0,
        latency_us=0,
        model_billed=item.model,
        tokens=Tokens(),
        tool_calls="",
        overhead_us=0,
        error=item.note,
        settled_us=settled_us,
    )


def settled_at(call: CallRow, nano_usd: int, source: str, settled_us: int) -> Settlement:
    """What a call in doubt did cost, found out later.

    At the rate at which it was reserved, so that it never exceeds what was kept free.
    """
    return Settlement(
        nano_usd=nano_usd,
        gross_micro=-(-call.worst_micro * nano_usd // max(call.worst_nano_usd, 1)),
        source=source,
        status=call.status,
        latency_us=0,
        model_billed=call.model,
        tokens=Tokens(),
        tool_calls="",
        overhead_us=0,
        error="",
        settled_us=settled_us,
    )


def _up(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_CEILING))
