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
import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from sallim.guard.functions import Amount, Terms

    Function = TypeVar("Function", bound=Callable[..., Any])


class CallRefused(Exception):
    """The function was not called; `body` is the JSON of a 402 of the guard, as a table."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__(str(body["error"]["message"]))
        self.body = body


def metered(  # noqa: PLR0913 they are the words of one sentence
    *,
    provider: str,
    service: str,
    cost: Amount | Callable[..., Amount] | None = None,
    unit: str | None = None,
    quantity: int | Callable[..., int] = 1,
    actual: Callable[..., Amount] | None = None,
    currency: str = "KRW",
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
    from sallim.guard.amounts import USD, WON, amount_of
    from sallim.guard.functions import Terms
    from sallim.guard.labels import Labels

    if (cost is None) == (unit is None):
        raise TypeError("sallim.metered needs either cost= or unit=")
    if currency not in (WON, USD):
        raise ValueError(f"currency {currency!r}: it must be KRW or USD")
    if cost is not None and not callable(cost):
        amount_of(cost, currency)
    told = {
        "cost": cost,
        "unit": unit,
        "quantity": quantity,
        "actual": actual,
        "currency": currency,
        "unbilled": unbilled,
        "labels": Labels(**labels).checked(),
    }
    return _decorator(Terms(provider, service, told))


def _decorator(terms: Terms) -> Callable[[Function], Function]:
    import inspect

    from sallim.guard.functions import Spent, begin

    def decorate(function: Function) -> Function:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"sallim.metered cannot tell when the generator {function.__qualname__} is done"
            )
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def asynchronous(*args: Any, **kwargs: Any) -> Any:
                from sallim.guard.flowing import begun_aside, call_aside

                spent = await begun_aside(True, Spent.not_called, begin, terms, args, kwargs)
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
            spent = begin(terms, args, kwargs)
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                spent.failed(error)
                raise
            spent.returned(result)
            return result

        return synchronous  # type: ignore[return-value]

    return decorate


class _Metered(ModuleType):
    """`sallim.metered` is this module, and it is called like the decorator."""

    def __call__(self, **told: Any) -> Any:
        return metered(**told)


sys.modules[__name__].__class__ = _Metered
