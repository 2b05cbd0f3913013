"""`@sallim.metered`: what a function costs, where no transport sees the call.

    @sallim.metered(provider="openai", service="whisper-1", unit="audio_seconds",
                    quantity=lambda path: duration_seconds(path))
    def transcribe(path): ...

    @sallim.metered(provider="aligo", service="sms", cost="8.4 won")
    async def send(text): ...

The cost is reserved before the function is called and settled when it returns. One that may cost
more than is left is not called: CallRefused is raised, since a function has no status to answer.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal
    from typing import Any, TypeVar

    from sallim.guard.metering import Labels
    from sallim.guard.spending import Purse
    from sallim.ledger.money_rows import Asked, Exchange

    Amount = str | int | Decimal
    Function = TypeVar("Function", bound=Callable[..., Any])

WON, USD = "KRW", "USD"
UNITS = {"won": WON, "krw": WON, "원": WON, "usd": USD, "$": USD, "dollar": USD, "dollars": USD}


class CallRefused(Exception):
    """The function was not called; `body` is the JSON of a 402 of the guard, as a table."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__(str(body["error"]["message"]))
        self.body = body


class _Terms:
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


def metered(  # noqa: PLR0913 they are the words of one sentence
    *,
    provider: str,
    service: str,
    cost: Amount | Callable[..., Amount] | None = None,
    unit: str | None = None,
    quantity: int | Callable[..., int] = 1,
    actual: Callable[..., Amount] | None = None,
    currency: str = WON,
    unbilled: tuple[type[BaseException], ...] = (),
    **labels: str,
) -> Callable[[Function], Function]:
    """A decorator for functions and coroutine functions that cost something.

    `cost`: the most that a call costs, or a function of its arguments that says it. An amount is a
    whole number, a Decimal, or a text like "8.4 won" or "0.006 USD"; without a word it is in
    `currency`, KRW (gross, as the card is charged) or USD (VAT and card fee come on top). `actual`
    is a function of the result and the arguments that says what it did cost in the end.
    `unit` instead of `cost`: a meter of the price list, such as "request" or "audio_seconds", of
    which `quantity` (a whole number, or a function of the arguments) are used; `service` is then
    the model. `unbilled` are exceptions after which nothing is charged; after any other one the
    worst case stays counted until the bill says more. `labels` are those of the guard.

    Raises TypeError for generators and for words that contradict one another, ValueError for
    amounts and labels that cannot be.
    """
    from sallim.guard.metering import Labels

    if (cost is None) == (unit is None):
        raise TypeError("sallim.metered needs either cost= or unit=")
    if currency not in (WON, USD):
        raise ValueError(f"currency {currency!r}: it must be KRW or USD")
    if cost is not None and not callable(cost):
        _amount(cost, currency)
    told = {
        "cost": cost,
        "unit": unit,
        "quantity": quantity,
        "actual": actual,
        "currency": currency,
        "unbilled": unbilled,
        "labels": Labels(**labels).checked(),
    }
    return _decorator(_Terms(provider, service, told))


def _decorator(terms: _Terms) -> Callable[[Function], Function]:
    import inspect

    def decorate(function: Function) -> Function:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"sallim.metered cannot tell when the generator {function.__qualname__} is done"
            )
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def asynchronous(*args: Any, **kwargs: Any) -> Any:
                from sallim.guard.transports import call_aside

                spent = await call_aside(True, _begin, terms, args, kwargs)
                try:
                    result = await function(*args, **kwargs)
                except BaseException as error:
                    spent.failed(error)
                    raise
                await call_aside(spent.waits, spent.returned, result)
                return result

            return asynchronous  # type: ignore[return-value]

        @functools.wraps(function)
        def synchronous(*args: Any, **kwargs: Any) -> Any:
            spent = _begin(terms, args, kwargs)
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                spent.failed(error)
                raise
            spent.returned(result)
            return result

        return synchronous  # type: ignore[return-value]

    return decorate


def _begin(terms: _Terms, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Spent:
    """Reserve it. Raises CallRefused."""
    from sallim.guard.refusing import Refusal, of_ledger
    from sallim.guard.spending import PurseClosed, purse_for
    from sallim.ledger.money_rows import Refused

    began_ns = time.perf_counter_ns()
    try:
        purse = purse_for(os.environ)
        spent = _Spent(terms, purse, args, kwargs)
        answer = purse.reserve(spent.asked)
    except PurseClosed as closed:
        raise _refused(Refusal(closed.code, str(closed), "")) from None
    if isinstance(answer, Refused):
        raise _refused(of_ledger(answer))
    spent.sent(began_ns)
    return spent


def _refused(refusal: Any) -> CallRefused:
    import json

    return CallRefused(json.loads(refusal.body()))


class _Spent:
    """One call of such a function."""

    def __init__(
        self, terms: _Terms, purse: Purse, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._terms, self._purse = terms, purse
        self._args, self._kwargs = args, kwargs
        self.waits = purse.waits
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
        from sallim.guard.pricing import unknown_model
        from sallim.money import gross_micro
        from sallim.prices import Bounds, worst_of

        count = terms.quantity
        count = count(*self._args, **self._kwargs) if callable(count) else count
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise ValueError(f"quantity {count!r}: it must be a whole number of at least 0")
        rates = self._purse.tariff().rates(terms.provider, terms.service)
        if rates is None or not rates.prices(terms.unit):
            raise _refused(unknown_model(terms.provider, terms.service))
        used = () if terms.unit == "request" else ((terms.unit, count),)
        bounds, times = Bounds(0, 0, tool_calls=used), count if terms.unit == "request" else 1
        nano = worst_of(bounds, rates, {}, time.time_ns() // 1_000) * times
        return nano, gross_micro(nano, self._exchange), rates.price_id, ((terms.unit, count),)

    def _of_amount(self, amount: Amount) -> tuple[int, int]:
        """Nano-USD and micro-won of what a function or the decorator says."""
        from sallim.money import gross_micro

        currency, nano = _amount(amount, self._terms.currency)
        if currency == USD:
            return nano, gross_micro(nano, self._exchange)
        # A won has 10**6 parts, and `nano_usd_of` counts in 10**9 of whatever it is given.
        micro = -(-nano // 1_000)
        return _net_nano(micro, self._exchange), micro

    def _asked(self, price_id: str) -> Asked:
        from sallim.guard.metering import EXPIRES_US
        from sallim.ledger.money_rows import Asked
        from sallim.ledger.processes import own_process
        from sallim.tellings import host_name

        terms, exchange = self._terms, self._exchange
        labels, now_us = terms.labels.in_job(), time.time_ns() // 1_000
        return Asked(
            call_id=os.urandom(16).hex(),
            attempt=1,
            provider=terms.provider,
            model=terms.service,
            endpoint="metered",
            workflow=labels.workflow,
            analysis=labels.analysis,
            job_key=labels.key,
            key_label=labels.api_key_label,
            priority=labels.priority,
            buckets=labels.buckets(terms.provider),
            worst_nano_usd=self._nano,
            worst_micro=self._micro,
            price_id=price_id,
            fx_id=exchange.fx_id,
            vat_ppm=exchange.vat_ppm,
            fee_ppm=exchange.fee_ppm,
            stream=False,
            host=host_name(),
            pid=os.getpid(),
            process=own_process(),
            opened_us=now_us,
            expires_us=now_us + EXPIRES_US,
        )

    def returned(self, result: Any) -> None:
        """It is settled, also where `actual` cannot say at what: then at its worst case."""
        from sallim.guard.telling import tell_once
        from sallim.ledger.money_rows import ESTIMATED, USAGE

        terms, source = self._terms, USAGE
        nano, micro = self._nano, self._micro
        if terms.actual is not None:
            try:
                amount = terms.actual(result, *self._args, **self._kwargs)
                nano, micro = self._of_amount(amount)
            except Exception as error:  # noqa: BLE001 the owner's result is worth more than its price
                source = ESTIMATED
                tell_once("actual", f"what {terms.service} did cost could not be said: {error!r}")
        self._settle(nano, micro, source)

    def _settle(self, nano: int, micro: int, source: str) -> None:
        import json

        from sallim.ledger.money_rows import Settlement, Tokens

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
            now_us = time.time_ns() // 1_000
            self._purse.release(
                self.asked.call_id, self.asked.attempt, 0, type(error).__name__, now_us
            )


def _amount(amount: object, currency: str) -> tuple[str, int]:
    """The currency, and 10**-9 of it. Raises ValueError.

    >>> _amount("8.4 won", "USD"), _amount("$0.006", "KRW"), _amount(12, "KRW")
    (('KRW', 8400000000), ('USD', 6000000), ('KRW', 12000000000))
    """
    from sallim.money import nano_usd_of

    if isinstance(amount, float):
        # 0.1 is no amount of money: its text may be, and then it is given as text.
        raise ValueError(f"{amount!r}: give an amount as text, Decimal or whole number")  # noqa: TRY004
    if isinstance(amount, str):
        text = amount.strip()
        if text.startswith("$"):
            text, currency = text[1:], USD
        number, _, word = text.partition(" ")
        if word:
            if word.strip().lower() not in UNITS:
                raise ValueError(f"{amount!r}: write it as '8.4 won' or '0.006 USD'")
            currency = UNITS[word.strip().lower()]
        amount = number.replace(",", "")
    nano = nano_usd_of(amount)  # type: ignore[arg-type]
    if nano < 0:
        raise ValueError(f"{amount!r}: a call cannot cost less than nothing")
    return currency, nano


def _net_nano(micro: int, exchange: Exchange) -> int:
    """Nano-USD, before VAT and fee, of an amount that is charged in won; rounded down."""
    from sallim.money import NANO, PPM

    scale = exchange.micro_won_per_usd * (PPM + exchange.vat_ppm) * (PPM + exchange.fee_ppm)
    return micro * NANO * PPM * PPM // scale


class _Metered(ModuleType):
    """`sallim.metered` is this module, and it is called like the decorator."""

    def __call__(self, **told: Any) -> Any:
        return metered(**told)


sys.modules[__name__].__class__ = _Metered
