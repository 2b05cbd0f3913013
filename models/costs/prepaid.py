"""Money paid ahead to a provider: what is left of it, how long that lasts, where it rose by itself.

Amounts are Decimal in the currency of the balance, moments UTC epoch seconds. What was burnt is
what calls cost; of whoever rents out machines, and lets nobody count, it is what the balance fell.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple

from models.messages import Message

DAY_SECONDS = 86_400
WINDOWS_DAYS = (7, 14)
"""The faster of both paces counts, so that a week off hides nothing."""
COVERED_DAYS_MIN = Decimal("0.25")
"""Less is no pace."""
RISES_KEPT_DAYS = 30
RISE_MIN = {"KRW": Decimal(1_000)}
RISE_MIN_ELSE = Decimal(1)
"""Less is a refund, or what was rounded: nobody tops up by less."""
NOTHING = Decimal(0)

By = Literal["calls", "balance", ""]
"""What tells the pace; "" where nothing does."""


class Figure(NamedTuple):
    """What was left at one time, as the provider or, `is_typed`, a person says it."""

    at: float
    amount: Decimal
    is_typed: bool = False


class Burnt(NamedTuple):
    """What the calls of a provider cost: in each of WINDOWS_DAYS, and since the last figure.

    `known_days` is how long there have been calls.
    """

    in_windows: tuple[Decimal, ...] = (NOTHING, NOTHING)
    since_told: Decimal = NOTHING
    known_days: Decimal = NOTHING


class Rise(NamedTuple):
    """By how much it was more than the figure before."""

    at: float
    amount: Decimal


class Outlook(NamedTuple):
    """`left` is now, `told` was the last figure. `days_left` and `gone_at` None: nothing burns.

    `warning` says that it is too little; see `models/costs/prepaid_words.py`.
    """

    provider: str
    currency: str
    told: Decimal
    told_at: float
    is_typed: bool
    left: Decimal
    burn_a_day: Decimal
    by: By
    days_left: Decimal | None
    gone_at: float | None
    rises: Sequence[Rise]
    warning: Message | None = None


def outlook(
    account: tuple[str, str], figures: Sequence[Figure], burnt: Burnt, now: float
) -> Outlook:
    """`account` is provider and currency; `figures` in the order of their moments, at least one.

    >>> burnt = Burnt((Decimal(7), Decimal(14)), Decimal(2), Decimal(30))
    >>> one = outlook(("google", "USD"), [Figure(0, Decimal(10), True)], burnt, 2 * DAY_SECONDS)
    >>> one.left, one.burn_a_day, one.days_left, one.gone_at == 10 * DAY_SECONDS
    (Decimal('8'), Decimal('1'), Decimal('8'), True)
    """
    last = figures[-1]
    calls, balance = _pace_of_calls(burnt), _pace_of_balance(figures, now)
    by: By = "calls" if calls > 0 and calls >= balance else "balance" if balance > 0 else ""
    pace = max(calls, balance)
    elapsed_days = Decimal(max(now - last.at, 0)) / DAY_SECONDS
    since = pace * elapsed_days if by == "balance" else burnt.since_told
    left = last.amount - since
    days = max(left, NOTHING) / pace if pace > 0 else None
    return Outlook(
        *account,
        told=last.amount,
        told_at=last.at,
        is_typed=last.is_typed,
        left=left,
        burn_a_day=pace,
        by=by,
        days_left=days,
        gone_at=None if days is None else now + float(days * DAY_SECONDS),
        rises=_rises(figures, account[1], now),
    )


def _pace_of_calls(burnt: Burnt) -> Decimal:
    """A day; an account that is a day old has no week yet."""
    known = max(burnt.known_days, Decimal(1))
    return max(
        amount / min(Decimal(days), known)
        for days, amount in zip(WINDOWS_DAYS, burnt.in_windows, strict=True)
    )


def _pace_of_balance(figures: Sequence[Figure], now: float) -> Decimal:
    """A day; what was paid in between is no burning."""
    paces = [NOTHING]
    for days in WINDOWS_DAYS:
        since = now - days * DAY_SECONDS
        covered = Decimal(figures[-1].at - max(figures[0].at, since)) / DAY_SECONDS
        if covered >= COVERED_DAYS_MIN:
            fallen = sum((_fallen(*pair, since) for pair in pairwise(figures)), NOTHING)
            paces.append(fallen / covered)
    return max(paces)


def _fallen(before: Figure, after: Figure, since: float) -> Decimal:
    """As far as it fell after `since`, taken as even between two figures."""
    fall, span = before.amount - after.amount, after.at - before.at
    if fall <= 0 or span <= 0 or after.at <= since:
        return NOTHING
    return fall * Decimal(after.at - max(before.at, since)) / Decimal(span)


def _rises(figures: Sequence[Figure], currency: str, now: float) -> list[Rise]:
    """Those that nobody typed: who types a figure knows who paid."""
    least = RISE_MIN.get(currency, RISE_MIN_ELSE)
    return [
        Rise(after.at, after.amount - before.amount)
        for before, after in pairwise(figures)
        if not after.is_typed
        and after.amount - before.amount >= least
        and after.at >= now - RISES_KEPT_DAYS * DAY_SECONDS
    ]
