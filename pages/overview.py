"""Overview: am I over, will I overshoot, is anything firing?"""

import time

import streamlit as st

from models.tiles import machines_of, tiles_of
from pages.parts.answers import draw_answers, draw_events, draw_sources
from pages.parts.frame import heading
from pages.parts.groups import draw_watching_cost
from pages.parts.house import home
from pages.parts.matrix import draw_matrix
from pages.parts.source import health_of, matrix_over, view_of
from pages.parts.texts import plain, texts
from pages.parts.tiles import TILES_SECONDS, draw_tiles

ANSWERS_SECONDS = 10

_ = texts()
paused = heading(_("Overview"), _("Am I over, will I overshoot, is anything firing?"))


@st.fragment(run_every=None if paused else ANSWERS_SECONDS)
def answers() -> None:
    matrix = matrix_over(home())
    draw_answers(view_of(home()), health_of(home()), matrix)
    draw_matrix(matrix)


@st.fragment(run_every=None if paused else TILES_SECONDS)
def tiles() -> None:
    _ = texts()
    view = view_of(home())
    if view.live is None:
        st.info(
            _(
                "No values yet. They appear within 10 seconds of the agent's start: `make run` "
                "starts it together with this app."
            ),
            icon=":material/hourglass_empty:",
        )
        return
    machines = machines_of(view.live)
    for machine in machines:
        if len(machines) > 1:
            st.subheader(plain(machine))
        draw_tiles(tiles_of(view, machine, time.time()))


@st.fragment(run_every=None if paused else ANSWERS_SECONDS)
def behind() -> None:
    _ = texts()
    sources, events = st.columns(2)
    with sources:
        st.subheader(_("Sources"))
        draw_sources(view_of(home()), of_the_machine_only=True)
        draw_watching_cost(view_of(home()))
    with events:
        st.subheader(_("Last events"))
        draw_events(health_of(home()))


answers()
tiles()
behind()
