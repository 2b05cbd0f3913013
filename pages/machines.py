"""Machines: is anything slow or full?"""

import time

import streamlit as st

from models.cards import belongs_to, cards_of
from models.panels import GPU_PANELS, HOST_PANELS
from models.spans import SPANS
from models.tiles import tiles_of
from pages.parts.choices import open_tab, picker, span_choice
from pages.parts.database_tab import draw_databases_tab
from pages.parts.frame import heading
from pages.parts.gpus import draw_card, draw_no_card
from pages.parts.groups import GROUPS_SECONDS, draw_groups
from pages.parts.history import Scene, draw_history
from pages.parts.house import home
from pages.parts.machine_list import draw_machines
from pages.parts.service_tab import draw_services_tab
from pages.parts.source import machine_names, stored_keys, view_of
from pages.parts.texts import plain, texts
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
        icon=":material/hourglass_empty:",
    )
    st.stop()

span = span_choice(SPANS)
every = None if paused else TILES_SECONDS


@st.fragment(run_every=every)
def host_now() -> None:
    draw_tiles(tiles_of(view_of(home()), machine, time.time()))


@st.fragment(run_every=every)
def cards_now() -> None:
    view = view_of(home())
    if not cards:
        draw_no_card(view.live)
    for card in cards_of(view.live, machine, remembered):
        draw_card(card, view, time.time())


@st.fragment(run_every=None if paused else GROUPS_SECONDS)
def groups_now() -> None:
    draw_groups(view_of(home()), machine)


tab = open_tab(
    {
        "host": _("Host"),
        "gpus": _("GPUs"),
        "databases": _("Databases"),
        "services": _("Services"),
    }
)
if tab.key in ("host", "gpus"):
    with tab.place:
        draw_machines(view_of(home()))
        machine = picker(_("Machine"), "machine", names)
if tab.key == "host":
    with tab.place:
        host_now()
        draw_history(Scene(machine, HOST_PANELS, span), "host", paused=paused)
        groups_now()
if tab.key == "gpus":
    remembered = stored_keys(home(), machine, ("hw.gpu.utilization", "hw.gpu.asleep"))
    cards = cards_of(view_of(home()).live, machine, remembered)
    with tab.place:
        cards_now()
        for card in cards:
            if len(cards) > 1:
                st.subheader(plain(card.title))
            scene = Scene(machine, GPU_PANELS, span, belongs_to(card.id))
            draw_history(scene, card.id, paused=paused)
if tab.key == "databases":
    with tab.place:
        draw_databases_tab(span, paused=paused)
if tab.key == "services":
    with tab.place:
        draw_services_tab(span, paused=paused)
