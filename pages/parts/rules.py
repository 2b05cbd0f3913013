"""The tab `rules`: which settings are in force, and where they come from."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models.typed import typed
from pages.parts.formats import moment
from pages.parts.house import home, house, zone
from pages.parts.texts import plain, texts


def draw_rules(health: Mapping[str, Any] | None) -> None:
    _ = texts()
    if health is None:
        st.caption(_("○ Unknown: only the agent knows what is in force, and it is silent."))
        return
    settings = health.get("settings", {})
    sources = {
        "defaults": _("No settings file: the defaults are in force."),
        "file": _("In force: {path}, read at {moment}."),
        "last good": _("{path} cannot be used; the last good settings are in force."),
    }
    text = sources.get(str(settings.get("source")), "")
    loaded_at = settings.get("loaded_at")
    st.markdown(
        text.format(
            path=f"`{plain(str(settings.get('path') or ''))}`",
            moment="" if loaded_at is None else moment(float(loaded_at), zone()),
        )
    )
    st.markdown(_("The month begins at midnight in {zone}.").format(zone=plain(house().timezone)))
    st.caption(
        _(
            "Every key with its limits: docs/settings.md. After a change, `{command}` takes the "
            "file over."
        ).format(command=typed("reload", home()))
    )
