"""Costs: where does the money go?"""

import time
from typing import get_args

import streamlit as st

from models.costs.periods import Unit
from models.errors import AgentSilent, QueryRefused
from pages.parts.choices import open_tab, segments
from pages.parts.costs_course import draw_burn_down
from pages.parts.costs_export import VIEW_OF_TAB, draw_downloads
from pages.parts.costs_freshness import draw_freshness
from pages.parts.costs_month import draw_enough, draw_hours, draw_month
from pages.parts.costs_prepaid import draw_prepaid_warnings
from pages.parts.costs_source import analyses_by, buckets_now, is_known, rented_hours
from pages.parts.costs_spent import by_choice, draw_spent
from pages.parts.costs_tabs import draw_tab, draw_without_calls
from pages.parts.costs_words import SPANS
from pages.parts.empty import draw_no_budget
from pages.parts.frame import heading
from pages.parts.house import home
from pages.parts.texts import texts
from pages.parts.trouble import draw_trouble
from pages.parts.words import said

MONTH_SECONDS, SPAN_SECONDS = 10, 30
UNITS: dict[str, Unit] = {unit: unit for unit in get_args(Unit)}

_ = texts()
paused = heading(_("Costs"), _("Where does the money go?"))


@st.fragment(run_every=None if paused else MONTH_SECONDS)
def month() -> None:
    try:
        found = buckets_now(home())
        if not found:
            draw_no_budget()
            return
        draw_freshness(found, time.time())
        draw_prepaid_warnings()
        draw_month(found)
        draw_enough(found, analyses_by(home(), "month"))
        draw_hours(found, rented_hours(home()))
        draw_burn_down(found)
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


@st.fragment(run_every=None if paused else SPAN_SECONDS)
def part() -> None:
    try:
        if tab.key == "spent":
            draw_spent(unit, by)
        else:
            draw_tab(tab.key, unit)
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


month()
if not is_known(home()):
    draw_without_calls()
    st.stop()

unit = UNITS[segments(_("Span"), "span", list(UNITS), lambda key: said(SPANS[key]), "month")]
tab = open_tab(
    {
        "spent": _("Spent"),
        "models": _("Models"),
        "analyses": _("Analyses"),
        "calls": _("Calls"),
        "refused": _("Refused"),
        "providers": _("Providers"),
        "advice": _("Advice"),
    }
)
with tab.place:
    by = by_choice() if tab.key == "spent" else "provider"
    part()
    draw_downloads(unit, VIEW_OF_TAB.get(tab.key, f"by-{by}"))
