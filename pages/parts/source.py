"""Where the pages read from, shared by all sessions so that ten viewers cost the agent one."""

import time
from pathlib import Path
from typing import Any

import streamlit as st

from data.home import Home
from data.monitoring import Stored, history, last_state, machines, series_of
from data.reader import Reader
from data.workflows import known_workflows, workflow_runs
from models.errors import AgentSilent, QueryRefused
from models.matrix import Cell, matrix_of
from models.monitoring import SeriesKey
from models.spans import DAY, LIVE, POINTS_MAX, Span, finer
from models.tiers import resolution_for
from models.tile_kinds import of_machine
from models.tiles import SPARK_NAMES, machines_of
from models.traces import Trace, trace_of_live
from models.views import LastAnswer, View
from models.workflow_table import WorkflowRuns, workflow_lines

SPARK_MINUTES = 5

# What comes out of these caches is shared, not copied: nobody may change it. The first key
# of each is the folder of the home (`pages.parts.house.home()`).


@st.cache_resource(show_spinner=False, max_entries=8)
def reader_of(folder: str) -> Reader:
    return Reader(Home(Path(folder)))


@st.cache_resource(show_spinner=False, max_entries=8)
def last_answer(folder: str) -> LastAnswer:
    return LastAnswer(folder)


@st.cache_resource(show_spinner=False, ttl=1.5, max_entries=8)
def view_of(folder: str) -> View:
    """The agent's answer, or what is known of the time before."""
    live = reader_of(folder).live(SPARK_NAMES, SPARK_MINUTES)
    if live is None:
        return silent_view_of(folder)
    last_answer(folder).live = live
    return View(live, silent=False)


@st.cache_resource(show_spinner=False, ttl=10, max_entries=8)
def silent_view_of(folder: str) -> View:
    """Opens the store for a moment, so it is asked less often than the agent."""
    try:
        known = last_state(reader_of(folder), time.time())
    except (AgentSilent, QueryRefused):
        known = None
    known = known or last_answer(folder).live
    if known is None:
        return View(None, silent=True)
    return View(known, silent=True, silent_since=max(series.at for series in known.series))


def store_exists(folder: str) -> bool:
    return Home(Path(folder)).ops.exists()


@st.cache_resource(show_spinner=False, ttl=5, max_entries=8)
def health_of(folder: str) -> dict[str, Any] | None:
    return reader_of(folder).health()


@st.cache_resource(show_spinner=False, ttl=5, max_entries=8)
def details_of(folder: str) -> dict[str, Any]:
    """What each source knows that no series can say; empty while the agent is silent."""
    return reader_of(folder).details() or {}


@st.cache_resource(show_spinner=False, ttl=8, max_entries=16)
def workflows_over(folder: str, span: Span) -> list[WorkflowRuns]:
    """Raises AgentSilent, QueryRefused."""
    now = time.time()
    return workflow_runs(reader_of(folder), now - span.seconds, now)


@st.cache_resource(show_spinner=False, ttl=60, max_entries=8)
def workflows_known(folder: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Raises AgentSilent, QueryRefused."""
    return known_workflows(reader_of(folder))


@st.cache_resource(show_spinner=False, ttl=5, max_entries=8)
def matrix_over(folder: str) -> dict[str, list[Cell]]:
    """Everything that is watched, as it is now; workflows over the last day."""
    details = details_of(folder)
    try:
        lines = workflow_lines(workflows_over(folder, DAY), workflows_known(folder), details)
    except (AgentSilent, QueryRefused):
        lines = []
    return matrix_of(view_of(folder).live, details, lines)


@st.cache_resource(show_spinner=False, ttl=30, max_entries=8)
def machine_names(folder: str) -> list[str]:
    """Machines that report now, then those that the store remembers."""
    live = view_of(folder).live
    now = machines_of(live) if live else []
    try:
        stored = machines(reader_of(folder))
    except (AgentSilent, QueryRefused):
        stored = []
    return now + [name for name in stored if name not in now]


@st.cache_resource(show_spinner=False, ttl=60, max_entries=64)
def stored_series(folder: str, machine: str, names: tuple[str, ...]) -> list[Stored]:
    return series_of(reader_of(folder), machine, names)


def stored_keys(folder: str, machine: str, names: tuple[str, ...]) -> list[SeriesKey]:
    """What the store remembers of a machine; nothing while nobody can be asked."""
    try:
        return [stored.key for stored in stored_series(folder, machine, names)]
    except (AgentSilent, QueryRefused):
        return []


def traces(folder: str, machine: str, names: tuple[str, ...], span: Span) -> list[Trace]:
    """The traces of a span, from memory when it is the live one, else from the store.

    Raises AgentSilent when nobody can answer.
    """
    if span == LIVE:
        return live_traces(folder, machine, names)
    if span.refresh_seconds >= 60:
        return slow_traces(folder, machine, names, span)
    return fast_traces(folder, machine, names, span)


@st.cache_resource(show_spinner=False, ttl=8, max_entries=32)
def live_traces(folder: str, machine: str, names: tuple[str, ...]) -> list[Trace]:
    live = reader_of(folder).live(names, LIVE.seconds // 60)
    if live is None:
        raise AgentSilent("the last minutes are in the agent's memory, and it does not answer")
    found = [series for name in names for series in of_machine(live, machine, name)]
    return [
        trace_of_live(series, LIVE.seconds / (POINTS_MAX - 1)) for series in found if series.history
    ]


@st.cache_resource(show_spinner=False, ttl=8, max_entries=32)
def fast_traces(folder: str, machine: str, names: tuple[str, ...], span: Span) -> list[Trace]:
    return stored_traces(folder, machine, names, span)


@st.cache_resource(show_spinner=False, ttl=55, max_entries=32)
def slow_traces(folder: str, machine: str, names: tuple[str, ...], span: Span) -> list[Trace]:
    return stored_traces(folder, machine, names, span)


def stored_traces(folder: str, machine: str, names: tuple[str, ...], span: Span) -> list[Trace]:
    now = time.time()
    since = now - span.seconds
    resolution = resolution_for(since, now, now, POINTS_MAX)
    series = stored_series(folder, machine, names)
    for chosen in (resolution, *finer(resolution)):
        found = history(reader_of(folder), series, since, now, chosen)
        if found:
            return found
    return []
