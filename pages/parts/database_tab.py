"""The tab `databases` of the page machines."""

import time

import streamlit as st

from models.spans import Span
from pages.parts.databases import databases_of, draw_database_history, draw_database_now
from pages.parts.empty import draw_no_databases
from pages.parts.house import home
from pages.parts.source import details_of, view_of
from pages.parts.texts import plain

NOW_SECONDS = 10


def draw_databases_tab(span: Span, *, paused: bool) -> None:
    sources = databases_of(view_of(home()))
    if not sources:
        draw_no_databases(view_of(home()))
    for source in sources:
        st.subheader(plain(f"{source.kind} {source.instance}"))
        _draw_now(source.name, paused=paused)
        draw_database_history(source, span, paused=paused)


def _draw_now(name: str, *, paused: bool) -> None:
    @st.fragment(run_every=None if paused else NOW_SECONDS)
    def now() -> None:
        for source in databases_of(view_of(home())):
            if source.name == name:
                draw_database_now(source, details_of(home()).get(name, {}), time.time())

    now()
