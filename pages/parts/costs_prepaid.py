"""What was paid ahead: each balance beside what burns it, and where one rose by itself."""

from collections.abc import Sequence

import streamlit as st

from models.costs.prepaid import Outlook
from models.costs.prepaid_words import amount_text, rise_told
from models.messages import say
from models.typed import typed
from pages.parts.costs_source import prepaid_now
from pages.parts.empty import draw_empty
from pages.parts.formats import age, day, number
from pages.parts.house import home, house
from pages.parts.texts import texts, told
from pages.parts.values import draw_rows
from pages.parts.words import said

RECHARGE_ICON = ":material/autorenew:"
WARNING_ICON = ":material/account_balance_wallet:"

USED_UP, ENDS_SOON = ("■", say("used up")), ("▲", say("ends soon"))
ENOUGH, RESTS = ("✓", say("enough")), ("○", say("rests"))


def draw_prepaid_warnings() -> None:
    """What ends soon stands above everything. Raises AgentSilent, QueryRefused."""
    for one in prepaid_now(home()):
        if one.warning is not None:
            st.warning(told(one.warning), icon=WARNING_ICON)


def draw_prepaid(now: float) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    st.subheader(_("Paid ahead"))
    found = prepaid_now(home())
    if not found:
        _draw_none()
        return
    _draw_table(found, now)
    st.caption(
        _(
            "Days left go by the faster pace of the last 7 and 14 days: what calls cost, or what "
            "the balance fell. Topping up is cash, not a cost: what is spent of it is counted "
            "above."
        )
    )
    for one in found:
        for rise in one.rises:
            st.warning(told(rise_told(one, rise, house().zone)), icon=RECHARGE_ICON)


def _draw_table(found: Sequence[Outlook], now: float) -> None:
    _ = texts()
    zone = house().zone
    draw_rows(
        {
            _("Provider"): [one.provider for one in found],
            _("State"): [_state(one) for one in found],
            _("Left"): [amount_text(one.left, one.currency) for one in found],
            _("Burns a day"): [
                amount_text(one.burn_a_day, one.currency) if one.by else None for one in found
            ],
            _("Days left"): [_days(one) for one in found],
            _("Gone on"): [
                None if one.gone_at is None else day(one.gone_at, zone) for one in found
            ],
            _("Last said"): [_said(one, now) for one in found],
        },
        key="prepaid",
        alt=_("Balances that were paid ahead, with the days that they last"),
    )


def _state(one: Outlook) -> str:
    if one.left <= 0:
        icon, word = USED_UP
    elif one.warning is not None:
        icon, word = ENDS_SOON
    else:
        icon, word = ENOUGH if one.by else RESTS
    return f"{icon} {said(word)}"


def _days(one: Outlook) -> str | None:
    return None if one.days_left is None else number(float(one.days_left))


def _said(one: Outlook, now: float) -> str:
    """The figure itself, since what is left goes on from it."""
    _ = texts()
    words = _("{amount} typed in {age}") if one.is_typed else _("{amount} asked {age}")
    return words.format(
        amount=amount_text(one.told, one.currency), age=said(age(now - one.told_at))
    )


def _draw_none() -> None:
    _ = texts()
    draw_empty(
        _(
            "No balance is known. Those of OpenRouter, RunPod and Vast are asked for with their "
            "bill; of others, such as Gemini, say now and then what is left:"
        ),
        (typed("costs cash gemini --amount 4.20", home()), "sh"),
        ('[[bill]]\nname = "router"\nsource = "openrouter"', "toml"),
    )
