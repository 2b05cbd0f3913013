"""Heartbeats: jobs that say that they ran, the late ones first."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from models.messages import Message, say
from pages.parts.formats import age, duration
from pages.parts.status import FINE, HIGH, UNKNOWN, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import draw_rows
from pages.parts.words import said

BEATS: dict[str, tuple[tuple[str, str], Message]] = {
    "on time": (FINE, say("on time")),
    "running": (FINE, say("runs now")),
    "late": (HIGH, say("late")),
    "failed": (HIGH, say("failed")),
    "never": (UNKNOWN, say("never came")),
}


def draw_beats(beats: Sequence[Mapping[str, Any]], now: float) -> None:
    _ = texts()
    st.subheader(_("Heartbeats"))
    order = sorted(beats, key=lambda beat: (beat["state"] not in ("late", "failed"), beat["name"]))
    looks = [BEATS.get(beat["state"], BEATS["never"]) for beat in order]
    draw_rows(
        {
            _("State"): [f"{look[1]} {told(word)}" for look, word in looks],
            _("Heartbeat"): [beat["name"] for beat in order],
            _("Last"): [in_words(beat["last_at"], now) for beat in order],
            _("Last success"): [in_words(beat["ok_at"], now) for beat in order],
            _("Every"): [said(duration(float(beat["every_seconds"]))) for beat in order],
            _("It said"): [beat["message"] for beat in order],
        },
        key="beats",
        alt=_("Heartbeats, the late ones first"),
    )
    for beat in order:
        if isinstance(beat.get("note"), Mapping) and beat["state"] in ("late", "failed"):
            what = told(Message.from_json(beat["note"]))
            st.markdown(f"{badge(HIGH, plain(beat['name']))} {what}")


def in_words(at: float | None, now: float) -> str | None:
    return None if at is None else told(age(now - at))
