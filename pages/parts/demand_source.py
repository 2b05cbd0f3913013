"""What the page of the demand reads: forecasts from the store, choices and switches of the agent.

What comes out is shared by all sessions, not copied.
"""

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from data.demand import Past, accuracies, latest, measured_hours, past, plans
from models.demand.accuracy import Accuracy
from models.demand.shapes import Forecast, Measured
from models.errors import AgentSilent, RequestRefused
from models.scaling.shapes import Plan
from models.tiers import DAY_SECONDS
from pages.parts.asking_agent import looked
from pages.parts.source import reader_of


@st.cache_resource(show_spinner=False, ttl=25, max_entries=64)
def latest_of(folder: str, target: str) -> Forecast | None:
    """Raises AgentSilent, QueryRefused."""
    return latest(reader_of(folder), target)


@st.cache_resource(show_spinner=False, ttl=55, max_entries=64)
def past_of(folder: str, target: str, days: int, ahead: int) -> Past:
    """Raises AgentSilent, QueryRefused."""
    now = time.time()
    return past(reader_of(folder), target, (now - days * DAY_SECONDS, now), ahead)


@st.cache_resource(show_spinner=False, ttl=55, max_entries=64)
def accuracies_of(folder: str, target: str) -> list[Accuracy]:
    """Raises AgentSilent, QueryRefused."""
    return accuracies(reader_of(folder), target)


@st.cache_resource(show_spinner=False, ttl=55, max_entries=64)
def hours_of(folder: str, target: str, days: int) -> Measured:
    """Whole steps of the last days, of spending the days. Raises AgentSilent, QueryRefused."""
    now = time.time()
    return measured_hours(reader_of(folder), target, (now - days * DAY_SECONDS, now))


@st.cache_resource(show_spinner=False, ttl=25, max_entries=32)
def plans_of(folder: str, pool: str, days: int) -> list[Plan]:
    """Raises AgentSilent, QueryRefused."""
    now = time.time()
    return plans(reader_of(folder), pool, (now - days * DAY_SECONDS, now))


def demand_told() -> Mapping[str, Any]:
    """The answer of `GET /demand`; empty while nobody tells."""
    try:
        return looked("/demand")
    except (RequestRefused, AgentSilent):
        return {}


def told_of(told: Mapping[str, Any], target: str) -> Mapping[str, Any]:
    """What the agent says of one target: its recipe, by whom, its last problem."""
    found = (each for each in told.get("targets", ()) if each.get("name") == target)
    return next(found, {})
