"""Settings: is everything connected, and by which rules does this house live?"""

import streamlit as st

from pages.parts.choices import in_address, keep_in_address
from pages.parts.connect import draw_connected, draw_look_around, draw_ways_in
from pages.parts.frame import heading
from pages.parts.house import home
from pages.parts.rules import draw_rules
from pages.parts.source import health_of, view_of
from pages.parts.texts import texts

SOURCES_SECONDS = 10

_ = texts()
paused = heading(_("Settings"), _("Is everything connected, and by which rules?"))


@st.fragment(run_every=None if paused else SOURCES_SECONDS)
def connected() -> None:
    draw_connected(view_of(home()))


tabs = {"connect": _("Connect"), "rules": _("Rules")}
connect, rules = st.tabs(
    list(tabs.values()),
    default=tabs[in_address("tab", list(tabs))],
    key="tab",
    on_change="rerun",
)
keep_in_address("tab", "rules" if rules.open else "connect", "connect")
if connect.open:
    with connect:
        connected()
        draw_look_around()
        draw_ways_in()
if rules.open:
    with rules:
        draw_rules(health_of(home()))
