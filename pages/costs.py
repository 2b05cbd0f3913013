"""Costs: where does the money go?"""

import time
from typing import get_args

import streamlit as st

from models.costs.periods import Unit
from models.errors import AgentSilent, QueryRefused
from pages.parts.choices import open_tab, segments
from pages.parts.costs_calls import draw_calls
from pages.parts.costs_export import draw_downloads
from pages.parts.costs_models import draw_cost_of_analyses, draw_models
from pages.parts.costs_month import draw_burn_down, draw_enough, draw_freshness, draw_month
from pages.parts.costs_source import analyses_by, buckets_now, whole_over
from pages.parts.costs_spent import by_choice, draw_spent
from pages.parts.costs_words import SPANS
from pages.parts.empty import draw_no_budget, draw_no_calls
from pages.parts.frame import heading
from pages.parts.house import home
from pages.parts.source import view_of
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
        draw_freshness(found, time.time(), silent=view_of(home()).silent)
        draw_month(found)
        draw_enough(found, analyses_by(home(), "month"))
        draw_burn_down(found)
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


@st.fragment(run_every=None if paused else SPAN_SECONDS)
def part() -> None:
    try:
        if tab.key == "spent":
            draw_spent(unit, by)
        elif tab.key == "models":
            draw_models(unit)
        elif tab.key == "analyses":
            draw_cost_of_analyses(unit)
        else:
            draw_calls(unit)
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


def is_known() -> bool:
    """Whether anything was ever spent, as far as a year goes."""
    try:
        return whole_over(home(), "year") is not None
    except (AgentSilent, QueryRefused):
        return False


month()
if not is_known():
    draw_no_calls(home())
    st.stop()

unit = UNITS[segments(_("Span"), "span", list(UNITS), lambda key: said(SPANS[key]), "month")]
tab = open_tab(
    {
        "spent": _("Spent"),
        "models": _("Models"),
        "analyses": _("Analyses"),
        "calls": _("Calls"),
    }
)
views = {"models": "by-model", "analyses": "cost-of-analyses", "calls": "calls"}
with tab.place:
    by = by_choice() if tab.key == "spent" else "provider"
    part()
    draw_downloads(unit, views.get(tab.key, f"by-{by}"))
