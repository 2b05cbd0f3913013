"""Demand: will I need more?"""

import time

import streamlit as st

from models.errors import AgentSilent, QueryRefused
from pages.parts.budget_asked import draw_followed
from pages.parts.choices import open_tab
from pages.parts.demand_accuracy import draw_accuracy
from pages.parts.demand_models import draw_models
from pages.parts.demand_now import draw_now
from pages.parts.demand_past import draw_past
from pages.parts.demand_pattern import draw_pattern
from pages.parts.demand_source import accuracies_of, hours_of
from pages.parts.demand_target import chosen_target
from pages.parts.demand_what_if import draw_what_if
from pages.parts.frame import heading
from pages.parts.house import home
from pages.parts.texts import texts
from pages.parts.trouble import draw_trouble

NOW_SECONDS, UNDER_WAY_SECONDS = 60, 2
PATTERN_DAYS = 84
UNDER_WAY = "under-way"  # In the session: whether what was asked for still goes on.

_ = texts()
paused = heading(_("Demand"), _("Will I need more?"))


@st.fragment(run_every=UNDER_WAY_SECONDS if st.session_state.get(UNDER_WAY) else None)
def followed() -> None:
    """Asked anew as long as it is under way, then the page is drawn once more as it now is."""
    before, st.session_state[UNDER_WAY] = st.session_state.get(UNDER_WAY), draw_followed()
    if st.session_state[UNDER_WAY] != bool(before):
        st.rerun()


@st.fragment(run_every=None if paused else NOW_SECONDS)
def part() -> None:
    try:
        if tab.key == "forecast":
            forecast = draw_now(target, time.time())
            if forecast is not None:
                draw_past(target, forecast)
        elif tab.key == "pattern":
            draw_pattern(target, hours_of(home(), target.name, PATTERN_DAYS))
        elif tab.key == "accuracy":
            draw_accuracy(target, accuracies_of(home(), target.name))
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


def steady() -> None:
    """What a person fills in is not drawn anew by itself."""
    try:
        if tab.key == "models":
            followed()
            draw_models(target)
        else:
            draw_what_if(target)
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


target = chosen_target()
tab = open_tab(
    {
        "forecast": _("Forecast"),
        "pattern": _("Pattern"),
        "accuracy": _("Accuracy"),
        "models": _("Models"),
        "what-if": _("What if"),
    }
)
with tab.place:
    if tab.key in ("models", "what-if"):
        steady()
    else:
        part()
