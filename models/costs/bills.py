"""One line of what a provider charges, asked for or typed in, and what else it tells.

Moments are UTC epoch seconds, spans are half-open. Amounts are Decimal in their own currency.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.costs.charges import CURRENCIES, Price
from models.messages import Message
from sallim.prices.tables import undated

TYPED = "typed"
"""The line item of one figure for a whole month."""
ALIASES = {"gemini": "google", "claude": "anthropic", "chatgpt": "openai"}
AMOUNT_MAX = {"KRW": 500_000_000, "USD": 100_000, "EUR": 100_000}
"""Of one line. The ledger holds twice as much in one row, at whatever rate of exchange."""
ROWS_MAX = 100_000
DIGITS_MAX = 100
PROVIDER = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
FAULTS = (KeyError, TypeError, AttributeError, ValueError, ArithmeticError)
"""Of an answer that is not what it should be, at whatever place of it that is noticed."""
SPAN_SECONDS_MAX = 400 * 86_400


class NoBill(ValueError):
    """What was brought is no bill; the text says where and what would work."""


class Bill(NamedTuple):
    """Provider, span, line item and model make two rows one: a provider may say it anew."""

    provider: str
    period_start: float
    period_end: float
    line_item: str
    model: str
    quantity: Decimal
    unit: str
    price: Price


class Balance(NamedTuple):
    """Of an account; its currency may be one that nothing else here is counted in, such as CNY."""

    amount: Decimal
    currency: str


def model_key(model: str) -> str:
    """By which theirs and ours are one: without maker, date and capitals.

    >>> model_key("openai/GPT-5-mini-2025-08-07")
    'gpt-5-mini'
    """
    return undated(model.rpartition("/")[2].strip().lower())


def provider_of(text: str) -> str:
    """Raises NoBill.

    >>> provider_of(" Gemini ")
    'google'
    """
    name = text.strip().lower().replace(" ", "-")
    if not PROVIDER.fullmatch(name):
        raise NoBill(f"{text[:40]!r} is no provider; write a name such as openai")
    return ALIASES.get(name, name)


def amount_of(text: str, currency: str) -> Price:
    """Raises NoBill.

    >>> amount_of("12,000", "KRW").amount
    Decimal('12000')
    """
    text = text.strip()
    plain = text.replace(",", "") if THOUSANDS.fullmatch(text) else text
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or (amount and not -20 < amount.adjusted() < DIGITS_MAX):
        raise NoBill(f"{text[:40]!r} is no amount; write digits and a point, such as 4.20")
    known = next((one for one in CURRENCIES if one == currency.strip().upper()), None)
    if known is None:
        raise NoBill(f"{currency[:10]!r} is no currency here; write one of {', '.join(CURRENCIES)}")
    if abs(amount) > AMOUNT_MAX[known]:
        raise NoBill(
            f"{text[:40]} {known} is more than the {AMOUNT_MAX[known]:,} that a line can be"
        )
    return Price(amount, known)


def balance_of(text: str, currency: str) -> Balance:
    """Of an account, in whatever currency it is kept. Raises NoBill.

    >>> balance_of("110.00", "CNY")
    Balance(amount=Decimal('110.00'), currency='CNY')
    """
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise NoBill(f"{currency[:10]!r} is no currency")
    return Balance(amount_of(text, "USD").amount, currency)


def span_of(text: str, zone: ZoneInfo) -> tuple[float, float]:
    """A month or a day of a zone, [since, until). Raises NoBill.

    >>> span_of("1970-01", ZoneInfo("UTC"))
    (0.0, 2678400.0)
    """
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            first = date.fromisoformat(f"{text}-01")
            after = (first + timedelta(days=32)).replace(day=1)
        else:
            first = datetime.fromisoformat(text).date()
            after = first + timedelta(days=1)
        since, until = (datetime.combine(day, datetime.min.time(), zone) for day in (first, after))
        return since.timestamp(), until.timestamp()
    except (ValueError, OverflowError):
        raise NoBill(
            f"{text[:40]!r} is no month and no day; write it as 2026-11 or 2026-11-20"
        ) from None


def period_text(since: float, until: float, zone: ZoneInfo) -> str:
    """The span as a person types it: a month or a day of the zone, else its first day in UTC.

    >>> period_text(0, 2_678_400, ZoneInfo("UTC"))
    '1970-01'
    """
    day = datetime.fromtimestamp(since, zone).date().isoformat()
    for text in (day[:7], day):
        if span_of(text, zone) == (since, until):
            return text
    utc = ZoneInfo("UTC")
    return f"{datetime.fromtimestamp(since, utc).date().isoformat()} (UTC)"


def check_begun(bills: Sequence[Bill], now: float, zone: ZoneInfo) -> None:
    """Raises NoBill for a span that is still to come: nobody has charged it.

    Zero is taken: so one that was typed in by mistake is taken back.
    """
    for bill in bills:
        if bill.period_start > now and bill.price.amount:
            period = period_text(bill.period_start, bill.period_end, zone)
            raise NoBill(f"{period} has not begun yet, so no bill can be of it; check the year")


def typed_bill(provider: str, period: str, price: Price, zone: ZoneInfo) -> Bill:
    """One figure for a month or a day of the house's zone. Raises NoBill."""
    since, until = span_of(period, zone)
    return Bill(provider_of(provider), since, until, TYPED, "", Decimal(1), "month", price)


def merged(bills: Iterable[Bill]) -> list[Bill]:
    """Lines that nothing tells apart become one. Raises NoBill."""
    found: dict[tuple[object, ...], Bill] = {}
    for bill in bills:
        add_line(found, bill)
    return list(found.values())


def add_line(found: dict[tuple[object, ...], Bill], bill: Bill) -> None:
    """Lines that no column tells apart are one line of the bill."""
    key = bill[:5]
    found[key] = _added(found[key], bill) if key in found else bill
    if len(found) > ROWS_MAX:
        raise NoBill(f"more than {ROWS_MAX} lines; split the file")


def _added(one: Bill, other: Bill) -> Bill:
    if one.price.currency != other.price.currency:
        raise NoBill("the same line stands there in two currencies")
    amount = one.price.amount + other.price.amount
    quantity = one.quantity + other.quantity
    return one._replace(price=Price(amount, one.price.currency), quantity=quantity)


class Cash(NamedTuple):
    """What is left of money that was paid ahead. Of several currencies there is one each."""

    provider: str
    price: Price | Balance


class KeyUse(NamedTuple):
    """What one key for calls used of its own limit, in USD; `left` is None where it has none.

    `day`, `week` and `month` are those of UTC that are not over yet.
    """

    left: Decimal | None
    day: Decimal
    week: Decimal
    month: Decimal


class Told(NamedTuple):
    """What a provider says at one time; `notes` is what a person must know of it."""

    bills: list[Bill]
    cash: tuple[Cash, ...] = ()
    key: KeyUse | None = None
    notes: tuple[Message, ...] = ()


def check_spans(bills: Sequence[Bill], now: float) -> None:
    """Raises NoBill for spans that no provider bills. `now` is UTC epoch seconds."""
    for bill in bills:
        since, until = bill.period_start, bill.period_end
        is_span = 0 < until - since <= SPAN_SECONDS_MAX
        if not is_span or not now - SPAN_SECONDS_MAX < until < now + SPAN_SECONDS_MAX:
            raise NoBill(f"a line from {since:.0f} to {until:.0f}")
