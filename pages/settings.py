"""Settings: is everything connected, and by which rules does this house live?"""

import streamlit as st

from pages.parts.automation import draw_automation
from pages.parts.choices import open_tab
from pages.parts.connect import draw_connected, draw_look_around, draw_ways_in
from pages.parts.frame import heading
from pages.parts.house import home
from pages.parts.rules import draw_rules
from pages.parts.source import details_of, health_of, view_of
from pages.parts.texts import texts

SOURCES_SECONDS = 10

_ = texts()
paused = heading(_("Settings"), _("Is everything connected, and by which rules?"))


@st.fragment(run_every=None if paused else SOURCES_SECONDS)
def connected() -> None:
    draw_connected(view_of(home()), details_of(home()))


@st.fragment(run_every=None if paused else SOURCES_SECONDS)
def automation() -> None:
    draw_automation()


tab = open_tab({"connect": _("Connect"), "automation": _("By itself"), "rules": _("Rules")})
with tab.place:
    if tab.key == "connect":
        connected()
        draw_look_around()
        draw_ways_in()
    elif tab.key == "automation":
        automation()
    else:
        draw_rules(health_of(home()))
