"""Calls of one model as another's: the same tokens at the other's rates."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from models.costs.advice.pricing import dearest_us, paid_usd, usd_of
from models.costs.advice.shapes import Use
from sallim.money import NANO
from sallim.prices import Rates


class Swap(NamedTuple):
    """What calls of one model cost on each of some days, in micro-won, and how that changes.

    All of its calls were paid `before_nano`, and would have been `after_nano`, in nano-USD.
    """

    days_micro: tuple[int, ...]
    before_nano: int
    after_nano: int


def swap_of(
    use: Use, own: Rates | None, other: Rates, days_micro: Sequence[int], now_us: int
) -> Swap | None:
    """Only tokens are priced anew: what was paid for tools stays. None where nothing was paid.

    `own` is None where the table has no price of it: then all that was paid was for tokens.
    """
    if use.usd <= 0:
        return None
    paid = use.usd if own is None else paid_usd(own, use, now_us)
    fresh = use.usd - paid + usd_of(use, other, dearest_us(other, use, now_us))
    return Swap(tuple(days_micro), _nano(use.usd), _nano(fresh))


def swapped(days_micro: Sequence[int], swap: Swap) -> tuple[int, ...]:
    """All calls of each day, those of the one model at the other's price; rounded up.

    >>> swapped([1_000, 700], Swap((600, 0), 30, 10))
    (600, 700)
    """
    own = (*swap.days_micro, *(0 for _ in days_micro))[: len(days_micro)]
    return tuple(
        day - part - (-part * swap.after_nano // swap.before_nano)
        for day, part in zip(days_micro, own, strict=True)
    )


def _nano(usd: Decimal) -> int:
    return int((usd * NANO).to_integral_value(ROUND_CEILING))
