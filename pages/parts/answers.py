"""The three questions of the first screen, answered as far as this release can."""

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from models.messages import Message, say
from models.monitoring import SourceState, State
from models.views import View
from pages.parts.status import FINE, HIGH, UNKNOWN, badge, source_line
from pages.parts.texts import texts, told

BAD = (State.ERROR, State.STALE)
SOURCE_PROBLEM = "the source {name} is {state}"
"""The agent's sentence for what the list of sources says better."""


def draw_answers(view: View, health: Mapping[str, Any] | None) -> None:
    _, _n = texts()
    with st.grid(columns="auto", min_column_width=260):
        with st.container(border=True):
            st.markdown(f"**{_('Am I over?')}** {badge(UNKNOWN, _('not known'))}")
            st.caption(_("Needs a monthly budget and a record of paid calls. Neither is set up."))
        with st.container(border=True):
            st.markdown(f"**{_('Will I overshoot?')}** {badge(UNKNOWN, _('not known'))}")
            st.caption(_("Needs a monthly budget and at least a week of spending."))
        with st.container(border=True):
            _draw_firing(view, health)


def _draw_firing(view: View, health: Mapping[str, Any] | None) -> None:
    _, ngettext = texts()
    question = f"**{_('Is anything firing?')}** "
    if view.silent:
        st.markdown(question + badge(HIGH, _("agent silent")))
        st.caption(_("Nobody is watching while the agent does not answer."))
        return
    firing = firing_lines(view.live.sources if view.live else (), health)
    if not firing:
        st.markdown(question + badge(FINE, _("nothing")))
        st.caption(_("Every source that is here answers, and the store takes what they bring."))
        return
    count = len(firing)
    word = ngettext("{n} thing", "{n} things", count).format(n=count)
    st.markdown(question + badge(HIGH, word))
    st.markdown("  \n".join(firing))


def firing_lines(sources: Iterable[SourceState], health: Mapping[str, Any] | None) -> list[str]:
    """Markdown, one line for each thing that is not well."""
    lines = [source_line(source) for source in sources if source.state in BAD]
    problems = [Message.from_json(shape) for shape in (health or {}).get("problems", ())]
    lines += [told(problem) for problem in problems if problem.template != SOURCE_PROBLEM]
    return lines


def draw_sources(view: View) -> None:
    _, _n = texts()
    if view.silent or view.live is None:
        st.caption(_("○ Unknown: only the agent knows how its sources are, and it is silent."))
    else:
        st.markdown("  \n".join(source_line(source) for source in view.live.sources))


def events_of(health: Mapping[str, Any] | None) -> list[Message]:
    """What happened to the store, newest first."""
    losses = (health or {}).get("store", {}).get("losses") or ()
    return [_loss(loss) for loss in reversed(losses)]


def _loss(loss: Any) -> Message:
    if isinstance(loss, Mapping) and "template" in loss:
        return Message.from_json(loss)
    return say("The store lost samples: {what}", what=str(loss))


def draw_events(health: Mapping[str, Any] | None) -> None:
    _, _n = texts()
    events = events_of(health)[:5]
    if health is None:
        st.caption(_("○ Unknown: only the agent can tell what happened, and it is silent."))
    elif not events:
        st.caption(_("No store was ever repaired, and nothing that was stored got lost."))
    else:
        st.markdown("  \n".join(f"{badge(HIGH, _('lost'))} {told(event)}" for event in events))
