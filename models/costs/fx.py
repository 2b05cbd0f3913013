"""Exchange rates: read out of public tables, judged, and made into the rate that guards use.

Two rates are kept apart. What is booked afterwards takes the rate of its day. What is reserved
before a call takes the highest of the last five days with a rate, and 1 % more, so that a jump
of the exchange rate does not break a cap. Rates are Decimal, won for one unit; never a float.
"""

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any, NamedTuple

from sallim.ledger.money_rows import Exchange

MICRO = 1_000_000
DAYS_COUNTED = 5
MARGIN = Decimal("1.01")
STALE_DAYS = 7
STALE_MARGIN = Decimal("1.02")
WON_PER_USD = (Decimal(500), Decimal(5_000))
WON_PER_EUR = (Decimal(500), Decimal(6_000))
"""What is beyond is a fault of the table, not a rate: the won was never there since 1990."""
JUMP_MAX = Decimal("0.15")
"""From one day with a rate to the next; 1997 aside, none was half as large."""

FAULTS = (
    *(ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError),
    ET.ParseError,
)
"""Of what is not what it should be, at whatever place of it that is noticed."""


class NoRate(ValueError):
    """A table says nothing that can be a rate; the text says what it says instead."""


class DayRate(NamedTuple):
    """Of one day on which a rate was published; that day, not the one on which it was asked for."""

    day: date
    won_per_usd: Decimal
    won_per_eur: Decimal
    source: str


def read_frankfurter(body: bytes) -> list[DayRate]:
    """Rates of `/v1/2026-11-10..?base=USD&symbols=KRW,EUR`, or of its `/latest`. Raises NoRate."""
    try:
        told = json.loads(body, parse_float=Decimal)
        if told["base"] != "USD" or _decimal(told.get("amount", 1)) != 1:
            raise ValueError("not for one dollar")
        rates = told["rates"]
        days = {told["date"]: rates} if "date" in told else rates
        return _in_order(_of_dollar(day, symbols) for day, symbols in days.items())
    except FAULTS as error:
        raise NoRate(_said(error, body)) from error


def read_ecb(body: bytes) -> list[DayRate]:
    """Rates of eurofxref-hist-90d.xml or -daily.xml, which are for one euro. Raises NoRate."""
    # A document type is what a table of rates does not need, and what may unfold without end. With
    # zeros in it, it is written in another code, in which nothing of that would be seen.
    if b"<!" in body or b"\0" in body:
        raise NoRate(_said(ValueError("a document type"), body))
    try:
        root = ET.fromstring(body.decode())  # noqa: S314  nothing unfolds without a document type
        days = [cube for cube in root.iter() if "time" in cube.attrib]
        return _in_order(
            _of_euro(
                cube.attrib["time"],
                {one.attrib["currency"]: one.attrib["rate"] for one in cube},
            )
            for cube in days
        )
    except FAULTS as error:
        raise NoRate(_said(error, body)) from error


def _of_dollar(day: str, rates: Mapping[str, Any]) -> DayRate:
    won = _decimal(rates["KRW"])
    return DayRate(
        date.fromisoformat(day), won, _rounded(won / _decimal(rates["EUR"])), "Frankfurter"
    )


def _of_euro(day: str, rates: Mapping[str, str]) -> DayRate:
    won = _decimal(rates["KRW"])
    return DayRate(date.fromisoformat(day), _rounded(won / _decimal(rates["USD"])), won, "ECB")


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise ValueError(f"{value!r} is no rate")  # noqa: TRY004 one kind of error
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no rate") from None
    if not number.is_finite() or not -6 < number.adjusted() < 6:
        raise ValueError(f"{value!r} is no rate")
    return number


def _rounded(rate: Decimal) -> Decimal:
    return rate.quantize(Decimal("0.000001"), ROUND_CEILING)


def _in_order(found: Any) -> list[DayRate]:
    rates = sorted(found)
    if not rates:
        raise ValueError("no day")
    return rates


def _said(error: Exception, body: bytes) -> str:
    return f"{str(error)[:80] or type(error).__name__} in {body[:60]!r}"


def judged(rates: Sequence[DayRate], known: Sequence[DayRate], today: date) -> list[DayRate]:
    """The rates as they are, in the order of their days. Raises NoRate for anything absurd.

    A day of tomorrow may come, since zones differ. `known` are rates that were believed before.
    """
    first = min((rate.day for rate in rates), default=today)
    last = max((rate for rate in known if rate.day < first), default=None)
    for rate in sorted(rates):
        for name, value, (least, most) in (
            ("a dollar", rate.won_per_usd, WON_PER_USD),
            ("a euro", rate.won_per_eur, WON_PER_EUR),
        ):
            if not least <= value <= most:
                raise NoRate(f"{value} won for {name} on {rate.day}")
        if rate.day > today + timedelta(days=1):
            raise NoRate(f"a rate of {rate.day}, which is not yet")
        if last is not None and (rate.day - last.day).days <= STALE_DAYS:
            change = abs(rate.won_per_usd / last.won_per_usd - 1)
            if change > JUMP_MAX:
                raise NoRate(
                    f"{rate.won_per_usd} won for a dollar on {rate.day}, after "
                    f"{last.won_per_usd} on {last.day}"
                )
        last = rate
    return sorted(rates)


def enforced(rates: Sequence[DayRate], today: date, fetched_us: int) -> Exchange | None:
    """The rate that guards reserve by, without the owner's VAT and fee; None without any rate.

    Rounded up to a micro-won. After seven days without a newer rate, 2 % come on top.
    """
    counted = sorted(rates)[-DAYS_COUNTED:]
    if not counted:
        return None
    newest = counted[-1]
    won = max(rate.won_per_usd for rate in counted) * MARGIN
    told = f"{newest.source}: highest of {len(counted)} days, and 1 %"
    if (today - newest.day).days > STALE_DAYS:
        won *= STALE_MARGIN
        told += f"; older than {STALE_DAYS} days: 2 % more"
    micro = int((won * MICRO).to_integral_value(ROUND_CEILING))
    return Exchange("", f"fx-{newest.day}-{micro}", f"{newest.day}", micro, 0, 0, told, fetched_us)


def booking(rates: Sequence[DayRate], day: date) -> DayRate | None:
    """The rate of a day, else of the last one before it with a rate; the first where none is."""
    earlier = [rate for rate in sorted(rates) if rate.day <= day]
    return earlier[-1] if earlier else min(rates, default=None)
