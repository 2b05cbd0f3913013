"""Bills and the opening balance on their way into the ledger: always as rows of their own."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agent.sides import SINCE_SECONDS, Ours, length_of, sides
from data.bills.bills import bills_since
from data.bills.notes import began
from data.bills.openings import answers
from data.bills.rates import known_rates
from data.home import Home
from models.costs.bills import TYPED as TYPED_LINE
from models.costs.charges import (
    Cost,
    Item,
    Price,
    asked_of,
    at_rate,
    cost_of,
    settled_at,
    settlement_of,
)
from models.costs.fx import DayRate, booking
from models.costs.reconcile import Correct, SettleAt, Verdict, judge
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import PROVIDER_COST, TYPED, Exchange
from sallim.money import MICRO, gross_micro, nano_usd_of

OPENING = "opening"


class Books(NamedTuple):
    """What is needed of the world; `now` is UTC epoch seconds."""

    accounts: Accounts
    rates: Sequence[DayRate]
    zone: ZoneInfo
    now: float

    def exchange(self, provider: str, at: float) -> Exchange:
        """The rate of a day, with the provider's VAT. Raises ValueError while there is none."""
        exchange = self.accounts.exchange_for(provider)
        if exchange is None:
            raise ValueError("the ledger has no exchange rate; start the agent once")
        return at_rate(exchange, self._rate(at))

    def net_nano(self, price: Price, provider: str, at: float) -> int:
        """In USD. Won are gross, so VAT and fee are taken out of them again."""
        if price.currency == "USD":
            return nano_usd_of(price.amount)
        fx = self.exchange(provider, at)
        nano_usd = cost_of(price, fx, self._rate(at)).nano_usd
        if price.currency == "EUR":
            return nano_usd
        return -(-nano_usd * MICRO * MICRO // ((MICRO + fx.vat_ppm) * (MICRO + fx.fee_ppm)))

    def _rate(self, at: float) -> DayRate | None:
        return booking(self.rates, datetime.fromtimestamp(at, self.zone).date())


def books_of(home: Home, accounts: Accounts, zone: ZoneInfo, now: float) -> Books:
    """Raises StoreError."""
    return Books(accounts, known_rates(home)[0], zone, now)


def book_openings(home: Home, books: Books) -> None:
    """Every answer that was ever given; one that is booked already changes nothing.

    Raises LedgerError, StoreError, ValueError.
    """
    at = began(home, books.now)
    for opening in answers(home):
        name = f"opening:{opening.bucket}:{opening.number}"
        item = Item(name, "", OPENING, (opening.bucket, "total"))
        won = Price(Decimal(opening.more_micro) / MICRO, "KRW")
        _book(books, item, cost_of(won, books.exchange("", at), None), at, TYPED)


def reconcile(home: Home, books: Books) -> list[Verdict]:
    """Compare the bills of the last weeks with the ledger, and book what is missing.

    Days first, then months: a figure for a month finds what was made up for its days. Raises
    LedgerError, StoreError, ValueError.
    """
    first = compared_since(home, books.now)
    known = bills_since(home, first)
    known = [each for each in known if each.bill.period_start >= first]
    verdicts, troubles = [], []
    for length in sorted({length_of(each.bill) for each in known}):
        told = [each for each in known if length_of(each.bill) == length]
        is_typed = all(each.bill.line_item == TYPED_LINE for each in told)
        for group, ours in sides(books.accounts, told, books.net_nano):
            rate = books.exchange(group.provider, group.until - 1).micro_won_per_usd
            verdict = judge(group, books.now, rate)
            verdicts.append(verdict)
            try:
                _carry_out(books, verdict, ours, TYPED if is_typed else PROVIDER_COST)
            except ValueError as trouble:
                # What one provider says must not keep the others from being compared.
                troubles.append(f"the bill of {group.provider} cannot be booked: {trouble}")
    if troubles:
        raise ValueError("; ".join(troubles))
    return verdicts


def compared_since(home: Home, now: float) -> float:
    """Of a span that began before we did nobody knows our part; the opening balance has it."""
    return max(began(home, now), now - SINCE_SECONDS)


def _carry_out(books: Books, verdict: Verdict, ours: Ours, source: str) -> None:
    group = verdict.group
    for order in verdict.orders:
        if isinstance(order, SettleAt):
            call = ours.doubts[order.call_id, order.attempt]
            settled = settled_at(call, order.nano, source, int(books.now * MICRO))
            settled = settled._replace(error="settled by the bill")
            books.accounts.settle(order.call_id, order.attempt, settled)
        elif isinstance(order, Correct):
            name = f"{ours.prefix}{order.number}"
            buckets = (ours.bucket or "api", "total", f"provider:{group.provider}")
            at = group.until - 1
            fx = books.exchange(group.provider, at)
            item = Item(name, group.provider, "correction", buckets, group.model, verdict.cause)
            cost = Cost(order.nano, gross_micro(order.nano, fx), fx)
            _book(books, item, cost, at, source)


def _book(books: Books, item: Item, cost: Cost, at: float, source: str) -> None:
    at_us = int(at * MICRO)
    books.accounts.book(
        asked_of(item, cost, at_us, at_us),
        settlement_of(item, cost, source, int(books.now * MICRO)),
    )
