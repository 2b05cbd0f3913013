"""Machines: is anything slow or full?"""

import time

import streamlit as st

from models.cards import belongs_to, cards_of
from models.panels import GPU_PANELS, HOST_PANELS
from models.spans import SPANS, span_of
from models.tiles import tiles_of
from pages.parts.choices import picker, segments
from pages.parts.frame import heading
from pages.parts.gpus import draw_card, draw_no_card
from pages.parts.history import Scene, draw_history
from pages.parts.house import home
from pages.parts.source import machine_names, view_of
from pages.parts.texts import plain, texts, told
from pages.parts.tiles import TILES_SECONDS, draw_tiles

_ = texts()
paused = heading(_("Machines"), _("Is anything slow or full?"))

names = machine_names(home())
if not names:
    st.info(
        _(
            "No machine has stored a value yet. This one appears within 10 seconds of the "
            "agent's start: `make run` starts it together with this app."
        ),
        icon="○",
    )
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    machine = picker(_("Machine"), "machine", names)
    titles = {span.key: told(span.title) for span in SPANS}
    span = span_of(segments(_("Span"), "span", list(titles), titles.__getitem__))
every = None if paused else TILES_SECONDS


@st.fragment(run_every=every)
def host_now() -> None:
    live = view_of(home()).live
    if live is not None:
        draw_tiles(tiles_of(live, machine, time.time()))


@st.fragment(run_every=every)
def cards_now() -> None:
    live = view_of(home()).live
    cards = cards_of(live, machine) if live else []
    if not cards:
        draw_no_card(live)
    for card in cards:
        draw_card(card, card.id)


hosts, gpus = st.tabs([_("Host"), _("GPUs")], key="tab", on_change="rerun")
if hosts.open:
    with hosts:
        host_now()
        draw_history(Scene(machine, HOST_PANELS, span), "host", paused=paused)
if gpus.open:
    with gpus:
        cards_now()
        live = view_of(home()).live
        for card in cards_of(live, machine) if live else []:
            st.subheader(plain(card.title))
            scene = Scene(machine, GPU_PANELS, span, belongs_to(card.id))
            draw_history(scene, card.id, paused=paused)
