"""One call of a function that `sallim.metered` decorates: reserved, called, settled."""

from __future__ import annotations

import json
import os
import time

from sallim.guard.amounts import USD, amount_of, net_nano
from sallim.guard.ledger_refusals import of_ledger
from sallim.guard.opening import Subject, Worst, asked_for
from sallim.guard.pricing import unknown_model
from sallim.guard.refusing import UNKNOWN_MODEL, Refusal, row_of
from sallim.guard.spending import PurseClosed, purse_for
from sallim.guard.telling import tell_once
from sallim.ledger.money_rows import (
    AMOUNT_MAX,
    ESTIMATED,
    USAGE,
    Asked,
    Refused,
    Settlement,
    Tokens,
)
from sallim.metered import CallRefused
from sallim.money import gross_micro
from sallim.prices import Bounds, cost_of, worst_of
from sallim.usage import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from typing import Any

    from sallim.guard.labels import Labels
    from sallim.guard.spending import Purse

    Amount = str | int | Decimal


UNITS = {
    "audio_seconds": "seconds of sound",
    "request": "requests",
    "web_search": "searches",
    "input": "tokens of input",
    "output": "tokens of output",
}
"""In words, where the name of the meter does not say it well."""


class Terms:
    """What a decorator was given."""

    def __init__(self, provider: str, service: str, told: Mapping[str, Any]) -> None:
        self.provider, self.service = provider, service
        self.cost = told["cost"]
        self.actual = told["actual"]
        self.unit = told["unit"]
        self.quantity = told["quantity"]
        self.currency = told["currency"]
        self.unbilled = told["unbilled"]
        self.labels: Labels = told["labels"]

    @property
    def lessen(self) -> str:
        """How a call of it may be made to need less; "" where each needs the same."""
        if not callable(self.cost if self.unit is None else self.quantity):
            return ""
        if self.unit is None:
            return "ask for less in one call, since what it costs depends on that"
        return f"ask for fewer {UNITS.get(self.unit, self.unit.replace('_', ' '))} in one call"


def begin(terms: Terms, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Spent:
    """Reserve it. Raises CallRefused."""
    began_ns = time.perf_counter_ns()
    try:
        purse = purse_for(os.environ)
        spent = Spent(terms, purse, args, kwargs)
        answer = purse.reserve(spent.asked)
    except PurseClosed as closed:
        raise _refused(Refusal(closed.code, str(closed), "")) from None
    if isinstance(answer, Refused):
        raise _refused(of_ledger(answer, terms.lessen))
    spent.sent(began_ns)
    return spent


def _unknown_unit(terms: Terms, meters: Sequence[str]) -> Refusal:
    return Refusal(
        UNKNOWN_MODEL,
        f"{terms.service} of {terms.provider} has no price for the unit {terms.unit!r}.",
        f"It has one for {', '.join(meters)}: name that as unit=, or say cost= instead.",
        f"provider:{terms.provider}",
    )


def _refused(refusal: Any) -> CallRefused:
    return CallRefused(json.loads(refusal.body()))


def _possible(amounts: tuple[int, int]) -> tuple[int, int]:
    """Raises ValueError for more than the ledger takes of one call."""
    if max(amounts) > AMOUNT_MAX:
        raise ValueError("no call costs that much")
    return amounts


class Spent:
    """One call of such a function."""

    def __init__(
        self, terms: Terms, purse: Purse, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._terms, self._purse = terms, purse
        self._args, self._kwargs = args, kwargs
        self.waits = purse.waits
        self._exact: int | None = None
        self._exchange = purse.tariff().exchange(terms.provider)
        self._nano, self._micro, price_id, self._used = self._worst()
        self.asked = self._asked(price_id)
        self._sent_ns = self._overhead_ns = 0

    def sent(self, began_ns: int) -> None:
        self._sent_ns = time.perf_counter_ns()
        self._overhead_ns = self._sent_ns - began_ns

    def _worst(self) -> tuple[int, int, str, tuple[tuple[str, int], ...]]:
        terms = self._terms
        if terms.unit is None:
            amount = terms.cost(*self._args, **self._kwargs) if callable(terms.cost) else terms.cost
            return (*self._of_amount(amount), "metered", ())
        count = terms.quantity
        count = count(*self._args, **self._kwargs) if callable(count) else count
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f"quantity {count!r}: it must be a whole number of at least 0")
        rates = self._purse.tariff().rates(terms.provider, terms.service)
        if rates is None:
            raise self._without_price(unknown_model(terms.provider, terms.service))
        if not rates.prices(terms.unit):
            raise self._without_price(_unknown_unit(terms, rates.meters))
        used = () if terms.unit == "request" else ((terms.unit, count),)
        times = count if terms.unit == "request" else 1
        now_us = time.time_ns() // 1_000
        nano = worst_of(Bounds(0, 0, tool_calls=used), rates, {}, now_us) * times
        # Settled by the one list of prices that is charged by, reserved by the dearest.
        self._exact = cost_of(Usage(tool_calls=used), rates, now_us) * times
        return nano, gross_micro(nano, self._exchange), rates.price_id, ((terms.unit, count),)

    def _without_price(self, refusal: Refusal) -> CallRefused:
        """The ledger is not asked for money then, so it is told of the refusal."""
        terms = self._terms
        priority = terms.labels.in_job().priority
        self._purse.refused(row_of(refusal, terms.provider, terms.service, priority))
        return _refused(refusal)

    def _of_amount(self, amount: Amount) -> tuple[int, int]:
        """Nano-USD and micro-won of what a function or the decorator says."""
        currency, nano = amount_of(amount, self._terms.currency)
        if currency == USD:
            return nano, gross_micro(nano, self._exchange)
        # A won has 10**6 parts, and `nano_usd_of` counts in 10**9 of whatever it is given.
        micro = -(-nano // 1_000)
        return net_nano(micro, self._exchange), micro

    def _asked(self, price_id: str) -> Asked:
        terms = self._terms
        return asked_for(
            Subject(os.urandom(16).hex(), 1, terms.provider, terms.service, "metered"),
            Worst(self._nano, self._micro, price_id, self._exchange),
            terms.labels.in_job(),
            time.time_ns() // 1_000,
        )

    def returned(self, result: Any) -> None:
        """It is settled, also where `actual` cannot say at what: then at its worst case."""
        terms, source = self._terms, USAGE
        nano, micro = self._nano, self._micro
        if self._exact is not None:
            nano, micro = self._exact, gross_micro(self._exact, self._exchange)
        if terms.actual is not None:
            try:
                amount = terms.actual(result, *self._args, **self._kwargs)
                nano, micro = _possible(self._of_amount(amount))
            except Exception as error:  # noqa: BLE001 the owner's result is worth more than its price
                source = ESTIMATED
                tell_once("actual", f"what {terms.service} did cost could not be said: {error!r}")
        self._settle(nano, micro, source)

    def _settle(self, nano: int, micro: int, source: str) -> None:
        now_ns = time.perf_counter_ns()
        tools = json.dumps([list(each) for each in self._used]) if self._used else ""
        settlement = Settlement(
            *(nano, micro, source, 0, (now_ns - self._sent_ns) // 1_000, self._terms.service),
            *(Tokens(), tools, self._overhead_ns // 1_000, "", time.time_ns() // 1_000),
        )
        self._purse.settle(self.asked.call_id, self.asked.attempt, settlement)

    def failed(self, error: BaseException) -> None:
        """Released where the owner says that it cost nothing; else nobody knows, and it counts."""
        if isinstance(error, self._terms.unbilled):
            self._release(type(error).__name__)

    def not_called(self) -> None:
        """Who was about to call it was cancelled while this was reserved."""
        self._release("its caller left")

    def _release(self, error: str) -> None:
        now_us = time.time_ns() // 1_000
        self._purse.release(self.asked.call_id, self.asked.attempt, 0, error, now_us)
