"""Which machines there are: one line each for those that are off, silent or far away."""

import streamlit as st

from models.machines import OFF, SILENT
from models.views import View
from pages.parts.status import FINE, HIGH, badge
from pages.parts.texts import plain, texts, told


def draw_machines(view: View) -> None:
    """Nothing where the agent's own machine is the only one."""
    _ = texts()
    machines = view.live.machines if view.live is not None else ()
    if len(machines) < 2:
        return
    words = {OFF: (("gray", "◌"), _("off")), SILENT: (HIGH, _("silent"))}
    lines = []
    for machine in machines:
        look, word = words.get(machine.state, (FINE, _("on")))
        note = "" if machine.note is None else f" · {told(machine.note)}"
        lines.append(f"{badge(look, word)} **{plain(machine.name)}**{note}")
    st.markdown("  \n".join(lines))
