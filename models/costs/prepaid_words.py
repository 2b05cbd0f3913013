"""What a person must know of money that was paid ahead, in sentences."""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.costs.prepaid import DAY_SECONDS, Outlook, Rise
from models.messages import Message, say

SWITCHES = {
    "openai": "platform.openai.com/settings/organization/billing",
    "anthropic": "platform.claude.com/settings/billing",
    "google": "aistudio.google.com/billing",
    "openrouter": "openrouter.ai/settings/credits",
    "runpod": "console.runpod.io/user/billing",
    "vast": "cloud.vast.ai/billing",
}
"""Where each has the switch."""
NEWS_SECONDS = DAY_SECONDS
"""So long a rise is told among the problems; the page of the costs shows it longer."""


class Rule(NamedTuple):
    """From when on it is too little; `floor_won` 0 is no floor."""

    warn_days: Decimal
    floor_won: Decimal


def warning(one: Outlook, rule: Rule, won_each: Decimal, zone: ZoneInfo) -> Message | None:
    """None where enough is left. `won_each` is what one of its currency is in won."""
    left = amount_text(one.left, one.currency)
    if one.left <= 0:
        return say(
            "{provider}: what was paid ahead is used up by what was counted since; top it up, or "
            "say what is left with `costs cash`",
            provider=one.provider,
        )
    if one.days_left is not None and one.gone_at is not None and one.days_left < rule.warn_days:
        return say(
            "{provider}: {left} is left of what was paid ahead, and gone on {date} at {burn} a "
            "day; top it up, or call it less",
            provider=one.provider,
            left=left,
            date=f"{datetime.fromtimestamp(one.gone_at, zone):%Y-%m-%d}",
            burn=amount_text(one.burn_a_day, one.currency),
        )
    if one.left * won_each < rule.floor_won:
        return say(
            "{provider}: only {left} is left of what was paid ahead; top it up, or lower "
            "prepaid.floor_krw",
            provider=one.provider,
            left=left,
        )
    return None


def rise_told(one: Outlook, rise: Rise, zone: ZoneInfo) -> Message:
    """That it rose, and where to switch off what may have done it."""
    known = {
        "provider": one.provider,
        "amount": amount_text(rise.amount, one.currency),
        "date": f"{datetime.fromtimestamp(rise.at, zone):%Y-%m-%d}",
    }
    if one.provider not in SWITCHES:
        return say(
            "{provider}: recharged by {amount} on {date}: auto-recharge is on, or someone paid. It "
            "is cash that no cap here bounds; switch it off in its billing settings",
            **known,
        )
    return say(
        "{provider}: recharged by {amount} on {date}: auto-recharge is on, or someone paid. It is "
        "cash that no cap here bounds; switch it off at {where}",
        where=SWITCHES[one.provider],
        **known,
    )


def problems_of(one: Outlook, now: float, zone: ZoneInfo) -> Iterator[Message]:
    """That it is too little, and that it has just risen. `now` is UTC epoch seconds."""
    if one.warning is not None:
        yield one.warning
    for rise in one.rises:
        if now - rise.at < NEWS_SECONDS:
            yield rise_told(one, rise, zone)


def amount_text(amount: Decimal, currency: str) -> str:
    """As people write it: whole won, cents of what has cents.

    >>> amount_text(Decimal("4.2"), "USD"), amount_text(Decimal("5200.4"), "KRW")
    ('$4.20', '₩5,200')
    >>> amount_text(Decimal("-0.004"), "EUR")
    '€0.00'
    """
    digits = Decimal(1) if currency == "KRW" else Decimal("0.01")
    rounded = amount.quantize(digits, ROUND_HALF_UP)
    sign = {"KRW": "₩", "USD": "$", "EUR": "€"}.get(currency, f"{currency} ")
    return f"{'-' if rounded < 0 else ''}{sign}{abs(rounded):,}"
