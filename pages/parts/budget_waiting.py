"""The tab `waiting`: what was refused for want of money, what of it runs next, and what may be
asked about it. Nothing is run here: the buttons ask the agent.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from models.csv_text import csv_lines
from models.errors import AgentSilent, RequestRefused
from models.messages import Message, say
from models.requests import Kind
from models.requests.roles import may
from models.waiting.asking import ALL, DISMISS, RERUN
from models.waiting.item import DISMISSED, DONE, GIVEN_UP, N8N, RUNNING, WAITING
from models.workflows.page import execution_link
from pages.parts.account import visitor
from pages.parts.asking_agent import looked, sentence
from pages.parts.budget_change import REFUSED, ask_at_once
from pages.parts.budget_words import word
from pages.parts.costs_words import bucket_name
from pages.parts.empty import draw_empty
from pages.parts.formats import day, krw, moment
from pages.parts.house import house, settings
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import draw_rows
from pages.parts.words import said

MICRO = 1_000_000
STATES: Mapping[str, tuple[tuple[str, str], Message]] = {
    WAITING: (WATCH, say("waits")),
    RUNNING: (FINE, say("runs again")),
    DONE: (FINE, say("done")),
    GIVEN_UP: (HIGH, say("given up")),
    DISMISSED: (UNKNOWN, say("dismissed")),
}
CODES: Mapping[str, Message] = {
    "budget": say("too little left"),
    "no_budget": say("no budget yet"),
    "no_period": say("no month in force"),
    "held": say("everything was stopped"),
}
MODES: Mapping[str, Message] = {
    "off": say("Nothing runs again by itself: press a button, or set `waiting.rerun`."),
    "ask": say("You are told when there is money again; what runs, you say here."),
    "on": say("It runs again by itself when there is money, the oldest first and paced."),
}
ASKABLE = (WAITING, GIVEN_UP)
CSV_HEADER = ("item", "what", "key", "since", "refused_by", "why", "estimated_krw", "state", "note")


def draw_waiting() -> None:
    _ = texts()
    refusal = st.session_state.pop(REFUSED, None)
    if refusal:
        st.error(refusal, icon=":material/block:")
    try:
        state = looked("/waiting")
    except (RequestRefused, AgentSilent) as trouble:
        st.caption(sentence(trouble))
        return
    rows = state.get("items", [])
    if not rows:
        draw_empty(
            _(
                "Nothing waits for money. What a budget refuses, executions of n8n and analyses of "
                "`sallim.job`, stands here until it ran."
            )
        )
        return
    _draw_next(state)
    _draw_buttons(rows)
    # Between buttons and table: on a phone, the table's own tools lie over what is above it.
    st.caption(told(MODES[state["rerun"]]))
    _draw_table(rows)


def _draw_next(state: Mapping[str, Any]) -> None:
    _ = texts()
    count, won = state["waiting"], krw(Decimal(state["estimated_micro"]) / MICRO)
    lines = [_("**{count} wait, about {won}**").format(count=count, won=won)]
    if state["next"] is not None:
        mark = badge(WATCH, _("next"))
        lines.append(f"{mark} {told(Message.from_json(state['next']))}")
    lines += [_pace(each) for each in state["pace"]]
    st.markdown("  \n".join(lines))


def _pace(each: Mapping[str, Any]) -> str:
    _ = texts()
    return _("**{name}**: {used} of {share} within 24 hours").format(
        name=plain(bucket_name(each["bucket"])),
        used=krw(Decimal(each["used_micro"]) / MICRO),
        share=krw(Decimal(each["share_micro"]) / MICRO),
    )


def _draw_buttons(rows: Sequence[Mapping[str, Any]]) -> None:
    """For whoever may, and where there is anything to ask for."""
    _ = texts()
    here = visitor()
    names = {row["item_id"]: title_of(row) for row in rows if row["state"] in ASKABLE}
    if here is None or not may(here.role, RERUN) or not names:
        return
    st.selectbox(_("What"), list(names), format_func=lambda key: names[key], key="waiting-item")
    with st.container(horizontal=True):
        for kind, title, target in (
            (RERUN, _("Run now"), ""),
            (RERUN, _("Run all, paced"), ALL),
            (DISMISS, _("Dismiss"), ""),
        ):
            key = f"waiting-{kind}-{target}"
            st.button(title, key=key, on_click=_ask, args=(kind, target))


def _ask(kind: Kind, target: str) -> None:
    ask_at_once(kind, target or str(st.session_state["waiting-item"]))


def title_of(row: Mapping[str, Any]) -> str:
    """What it is, for people.

    >>> title_of({"name": "Digest", "key": "", "execution_id": "17"})
    'Digest · 17'
    """
    return f"{row['name']} · {row['key'] or row['execution_id']}"


def _draw_table(rows: Sequence[Mapping[str, Any]]) -> None:
    _ = texts()
    links = {
        f"{N8N}{each.name}": (each.link_url or each.url).rstrip("/") for each in settings().n8n
    }
    draw_rows(
        {
            _("What"): [title_of(row) for row in rows],
            _("State"): [_state(row["state"]) for row in rows],
            _("Since"): [moment(row["since"], house().zone)[:16] for row in rows],
            _("Why"): [why_of(row) for row in rows],
            _("About ₩"): [round(row["estimated_micro"] / MICRO) for row in rows],
            _("Tries"): [row["tries"] for row in rows],
            _("Note"): [_note(row) for row in rows],
            _("In n8n"): [_link(row, links) for row in rows],
        },
        key="waiting",
        alt=_("What waits for money, since when, and what it may cost"),
        column_config={_("In n8n"): st.column_config.LinkColumn(display_text=_("open"))},
    )
    st.download_button(
        _("This view as {format}").format(format="CSV"),
        data=csv_of(rows),
        file_name=f"sallim-waiting-{day(max(row['changed_at'] for row in rows), house().zone)}.csv",
        mime="text/csv",
        on_click="ignore",
        key="waiting-csv",
    )


def _state(state: str) -> str:
    (_colour, icon), text = STATES[state]
    return f"{icon} {said(text)}"


def why_of(row: Mapping[str, Any]) -> str:
    """Not escaped: for a cell."""
    return f"{word(CODES, row['code'])} · {bucket_name(row['bucket_id'])}"


def _note(row: Mapping[str, Any]) -> str:
    _ = texts()
    if row["problem"]:
        return said(Message.from_json(row["problem"]))
    if row["state"] == WAITING and not row["has_way"]:
        return _("run it yourself, or name a [[waiting.rerun_by]]")
    return ""


def _link(row: Mapping[str, Any], links: Mapping[str, str]) -> str | None:
    base = links.get(row["source"])
    return execution_link(base, row["kind"], row["execution_id"]) if base else None


def csv_of(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """What somebody wrote into a name is no formula in it."""
    lines = csv_lines(
        CSV_HEADER,
        (
            (
                row["item_id"],
                row["name"],
                row["key"] or row["execution_id"],
                moment(row["since"], house().zone),
                row["bucket_id"],
                row["code"],
                Decimal(row["estimated_micro"]) / MICRO,
                row["state"],
                str(Message.from_json(row["problem"])) if row["problem"] else "",
            )
            for row in rows
        ),
    )
    # The mark that Excel asks for.
    return b"\xef\xbb\xbf" + "".join(lines).encode()
