"""The three questions of the first screen, answered as far as this release can."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import streamlit as st

from models.matrix import OWN_KINDS, Cell
from models.messages import Message, say
from models.monitoring import SourceState, State
from models.views import View
from pages.parts.matrix import bad_lines
from pages.parts.money_answers import draw_over, draw_overshoot
from pages.parts.status import FINE, HIGH, NOTHING, WATCH, badge, source_line
from pages.parts.texts import plurals, texts, told

BAD = (State.ERROR, State.STALE)
SOURCE_PROBLEM = "the source {name} is {state}"
"""The agent's sentence for what the list of sources says better."""


def draw_answers(
    view: View,
    health: Mapping[str, Any] | None,
    matrix: Mapping[str, Sequence[Cell]] = MappingProxyType({}),
) -> None:
    _ = texts()
    over, overshoot, firing = st.columns(3)
    with over, st.container(border=True, height="stretch"):
        draw_over()
    with overshoot, st.container(border=True, height="stretch"):
        draw_overshoot()
    with firing, st.container(border=True, height="stretch"):
        _draw_firing(view, health, bad_lines(matrix))


def _ask(question: str, answer: str) -> None:
    st.markdown(f"**{question}** {answer}")


def _draw_firing(view: View, health: Mapping[str, Any] | None, elsewhere: Sequence[str]) -> None:
    _ = texts()
    question = _("Is anything firing?")
    if view.silent:
        _ask(question, badge(HIGH, _("agent silent")))
        st.caption(_("Nobody is watching while the agent does not answer."))
        return
    firing = [*firing_lines(view.live.sources if view.live else (), health), *elsewhere]
    if not firing:
        _ask(question, badge(FINE, _("nothing")))
        st.caption(_("Every source that is here answers, and the store takes what they bring."))
        return
    count = len(firing)
    ngettext = plurals()
    word = ngettext("{n} thing", "{n} things", count).format(n=count)
    _ask(question, badge(HIGH, word))
    st.markdown("  \n".join(firing))


def firing_lines(sources: Iterable[SourceState], health: Mapping[str, Any] | None) -> list[str]:
    """Markdown, one line for each thing that is not well."""
    lines = [source_line(source) for source in sources if source.state in BAD]
    problems = [Message.from_json(shape) for shape in (health or {}).get("problems", ())]
    lines += [told(problem) for problem in problems if problem.template != SOURCE_PROBLEM]
    lost = sum(loss["rows_lost"] for loss in (health or {}).get("store", {}).get("losses", ()))
    if lost:
        lines.append(told(say("{rows} rows of history were lost in a damaged file", rows=lost)))
    return lines


def draw_sources(
    view: View, details: Mapping[str, Any] = NOTHING, *, of_the_machine_only: bool = False
) -> None:
    """Every source, or only those for which no cell of the matrix speaks."""
    _ = texts()
    if view.silent or view.live is None:
        st.caption(_("○ Unknown: only the agent knows how its sources are, and it is silent."))
    else:
        sources = view.live.sources
        if of_the_machine_only:
            sources = tuple(source for source in sources if source.kind in OWN_KINDS)
        st.markdown("  \n".join(source_line(one, details.get(one.name, {})) for one in sources))


def events_of(health: Mapping[str, Any] | None) -> list[Message]:
    """What happened to the store since the agent's start, worst first."""
    store = (health or {}).get("store", {})
    events = [Message.from_json(shape) for shape in store.get("opening", ())]
    if store.get("reason"):
        events.append(Message.from_json(store["reason"]))
    if store.get("periods_evicted"):
        events.append(
            say(
                "The store is at its size limit and gave up its {n} oldest periods. Raise "
                "`store.size_max_mb` to keep more.",
                n=store["periods_evicted"],
            )
        )
    return events


def draw_events(health: Mapping[str, Any] | None) -> None:
    _ = texts()
    events, mark = events_of(health), badge(WATCH, _("store"))
    if health is None:
        st.caption(_("○ Unknown: only the agent can tell what happened, and it is silent."))
    elif not events:
        st.caption(_("Nothing happened to the store since the agent started."))
    else:
        st.markdown("  \n".join(f"{mark} {told(event)}" for event in events))
