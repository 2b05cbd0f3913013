"""The tab `services` of the page machines."""

import time

import streamlit as st

from models.spans import Span
from pages.parts.empty import draw_no_services
from pages.parts.house import home
from pages.parts.services import draw_heat_map, draw_services
from pages.parts.source import details_of, view_of

NOW_SECONDS = 10


def draw_services_tab(span: Span, *, paused: bool) -> None:
    @st.fragment(run_every=None if paused else NOW_SECONDS)
    def now() -> None:
        view = view_of(home())
        if not draw_services(view, details_of(home()), time.time()):
            draw_no_services(view)

    @st.fragment(run_every=None if paused else span.refresh_seconds)
    def heat() -> None:
        live = view_of(home()).live
        if live is not None:
            draw_heat_map(live.machine, span, time.time())

    now()
    heat()
