"""What a cap in won is worth at a provider, which bounds dollars before tax."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.costs.periods import period_at
from models.settings.budget import Budget
from sallim.ledger.money_rows import Exchange
from sallim.ledger.statement_rows import Balance
from sallim.money import NANO, PPM, gross_micro

CENT_NANO = NANO // 100
ABOVE = ("api", "total")
UTC_ZONE = ZoneInfo("UTC")


class Wanted(NamedTuple):
    """`is_wide`: twice the cap, while the provider still counts the month that is over here."""

    bucket_id: str
    cap_micro: int
    cents: int
    is_wide: bool = False


def caps_in_force(balances: Iterable[Balance], settings: Budget) -> dict[str, int]:
    """Those that refuse calls, with what is raised, in micro-won."""
    return {
        each.bucket_id: each.cap_micro
        for each in balances
        if each.bucket_id in settings.caps_krw and settings.mode_of(each.bucket_id) != "count"
    }


def wanted_of(
    provider: str, caps_micro: Mapping[str, int], exchange: Exchange, *, is_wide: bool = False
) -> Wanted | None:
    """By the lowest cap that holds for all calls of a provider; None where none does.

    `caps_micro` are those that refuse calls.
    """
    names = [name for name in (f"provider:{provider}", *ABOVE) if name in caps_micro]
    if not names:
        return None
    name = min(names, key=caps_micro.__getitem__)
    cap_micro = caps_micro[name]
    cents = cents_of(cap_micro * 2 if is_wide else cap_micro, exchange)
    return Wanted(name, cap_micro, cents, is_wide)


def cents_of(cap_micro: int, exchange: Exchange) -> int:
    """The most cents that cost no more than the cap, with VAT and the card's fee.

    The rate is the one that calls are reserved by, so it has its margin. No provider takes less
    than one cent.
    """
    won = exchange.micro_won_per_usd * (PPM + exchange.vat_ppm) * (PPM + exchange.fee_ppm)
    return max(1, cap_micro * 100 * PPM * PPM // won)


def won_micro_of(cents: int, exchange: Exchange) -> int:
    return gross_micro(cents * CENT_NANO, exchange)


def are_months_apart(month_start: float, now: float) -> bool:
    """Whether the provider, whose months are those of UTC, still counts the one before.

    East of UTC that lasts for the first hours of a month.

    >>> december = 1_796_050_800  # midnight in Seoul, 15:00 of the last of November in UTC
    >>> [are_months_apart(december, december + hours * 3_600) for hours in (0, 8, 9)]
    [True, True, False]
    """
    return period_at(now, "month", UTC_ZONE).since < month_start - 86_400
