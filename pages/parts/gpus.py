"""A card at a glance: how full its memory is, how warm, and whether something holds it back."""

import streamlit as st

from models.cards import Card, state_of
from models.live import Live
from models.messages import Message, say
from models.monitoring import State
from models.views import View
from pages.parts.charts import gauge
from pages.parts.formats import age, size, value_of
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge, source_line, state_badge
from pages.parts.texts import plain, texts, told
from pages.parts.words import in_words

CONFIG = {"displayModeBar": False, "staticPlot": True}


def draw_no_card(live: Live | None) -> None:
    """Absent and broken are two things: the source says which, and what a person can do."""
    _ = texts()
    source = next((s for s in live.sources if s.name == "gpu"), None) if live else None
    if source is None or source.state is State.PRESENT:
        st.info(_("No GPU is known on this machine."), icon=":material/hourglass_empty:")
    else:
        st.markdown(source_line(source))


def draw_card(card: Card, view: View, now: float) -> None:
    """The gauge, and beside it the state in words; `now` in UTC epoch seconds."""
    _ = texts()
    left, right = st.columns([1, 2], vertical_alignment="center")
    used = card.value("hw.gpu.memory.utilization")
    if used is None:
        left.markdown(badge(UNKNOWN, _("GPU memory not known")))
    else:
        left.plotly_chart(
            gauge(used, _memory(card)),
            key=f"gauge-{card.id}",
            config=CONFIG,
            alt=_("GPU memory in use: {percent:.0%}").format(percent=used),
        )
    right.markdown(f"{_state(card, view, now)} **{plain(card.title)}**")
    facts = [
        f"{told(label)} {value_of(series.unit, series.value)}"
        for name, label in FACTS.items()
        if (series := card.values.get(name)) is not None and series.value is not None
    ]
    right.markdown(" · ".join(facts))


FACTS: dict[str, Message] = {
    "hw.gpu.utilization": say("In use"),
    "hw.temperature": say("Temperature"),
    "hw.power": say("Power"),
    "hw.power.limit": say("Power cap"),
}


def _memory(card: Card) -> str:
    _ = texts()
    usage, limit = card.value("hw.gpu.memory.usage"), card.value("hw.gpu.memory.limit")
    if usage is None or limit is None:
        return _("GPU memory")
    return _("GPU memory: {used} of {limit}").format(used=size(usage), limit=size(limit))


def _state(card: Card, view: View, now: float) -> str:
    _ = texts()
    since = card.age_seconds(now)
    if since is None:
        return badge(UNKNOWN, _("reports nothing now"))
    state = state_of(card, view, now)
    if state is not State.PRESENT:
        return f"{state_badge(state)} {told(age(since))}"
    if card.is_lost:
        return badge(HIGH, _("lost: it no longer answers"))
    if card.asleep:
        return badge(UNKNOWN, _("asleep, and left asleep"))
    if card.throttled_by:
        reasons = ", ".join(plain(in_words(reason)) for reason in card.throttled_by)
        return badge(WATCH, _("held back by {reasons}").format(reasons=reasons))
    return badge(FINE, _("runs freely"))
