"""Budget: does the month hold, what is limited, and what can a person do about it?"""

import time

import streamlit as st

from models.errors import AgentSilent, QueryRefused
from pages.parts.budget_asked import draw_followed, draw_in_force, draw_questions, draw_requests
from pages.parts.budget_change import draw_change
from pages.parts.budget_fence import draw_fences
from pages.parts.budget_months import draw_months
from pages.parts.budget_now import draw_answers, draw_counting, draw_limited
from pages.parts.budget_source import has_budget, standing_now, stops_now
from pages.parts.budget_waiting import draw_waiting
from pages.parts.budget_what_if import draw_what_if
from pages.parts.choices import open_tab
from pages.parts.costs_course import draw_burn_down
from pages.parts.costs_freshness import draw_freshness
from pages.parts.costs_month import draw_month
from pages.parts.empty import draw_no_budget
from pages.parts.frame import heading
from pages.parts.texts import texts
from pages.parts.trouble import draw_trouble

NOW_SECONDS, UNDER_WAY_SECONDS = 10, 2
UNDER_WAY = "under-way"  # In the session: whether what was asked for still goes on.

_ = texts()
paused = heading(_("Budget"), _("Does the month hold, and what is limited now?"))


@st.fragment(run_every=None if paused else NOW_SECONDS)
def now() -> None:
    try:
        standing = standing_now()
        if not standing.found:
            draw_no_budget()
            return
        draw_counting(standing.states)
        draw_freshness(standing.found, time.time())
        draw_month(standing.found)
        draw_answers(standing.found)
        draw_limited(standing, stops_now())
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


@st.fragment(run_every=UNDER_WAY_SECONDS if st.session_state.get(UNDER_WAY) else None)
def followed() -> None:
    """Asked anew as long as it is under way, then the page is drawn once more as it now is."""
    before, st.session_state[UNDER_WAY] = st.session_state.get(UNDER_WAY), draw_followed()
    if st.session_state[UNDER_WAY] != bool(before):
        st.rerun()


@st.fragment(run_every=None if paused else NOW_SECONDS)
def part() -> None:
    try:
        standing = standing_now()
        if tab.key == "course":
            draw_burn_down(standing.found)
            draw_fences(standing.said)
        elif tab.key == "what-if":
            draw_what_if(standing.states)
        elif tab.key == "waiting":
            draw_followed()
            draw_waiting()
        elif tab.key == "requests":
            draw_questions(stops_now())
            draw_in_force(standing)
            draw_requests()
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


now()
if not has_budget():
    st.stop()
tab = open_tab(
    {
        "course": _("Course"),
        "what-if": _("What if"),
        "waiting": _("Waiting for money"),
        "ask": _("Ask for"),
        "months": _("Months"),
        "requests": _("Requests"),
    }
)
with tab.place:
    if tab.key in ("ask", "months"):
        followed()
        try:
            if tab.key == "months":
                draw_months()
            else:
                draw_change(standing_now())
        except (AgentSilent, QueryRefused) as refusal:
            draw_trouble(refusal)
    else:
        part()
