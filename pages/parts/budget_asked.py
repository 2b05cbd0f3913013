"""What people have ordered: what holds now and until when, and what became of each request."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import streamlit as st

from models.errors import AgentSilent, RequestRefused
from models.messages import Message
from models.operations import ASKED
from models.requests import ACCEPTED, EVERYTHING, REQUESTED
from pages.parts.asking_agent import looked, sentence
from pages.parts.budget_change import FOLLOWED, draw_answers_to
from pages.parts.budget_source import Standing
from pages.parts.budget_words import BYS, KINDS, STATES, VERBS, steps_to, target_name, word
from pages.parts.costs_words import label_of
from pages.parts.formats import krw, moment
from pages.parts.house import house
from pages.parts.status import HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import draw_rows
from pages.parts.words import said

SHOWN_MAX = 30
QUIET = ("silence", "acknowledge")
MICRO = 1_000_000


def draw_followed() -> bool:
    """How far goes what this visitor has just asked for; whether it is still under way."""
    followed = st.session_state.get(FOLLOWED)
    if followed is None:
        return False
    row = next((each for each in _recent() if each["request_id"] == followed), None)
    if row is None:
        return False
    with st.container(border=True):
        st.markdown(f"{way_of(row['state'])}  \n{_outcome(row)}")
    return row["state"] in (REQUESTED, ACCEPTED)


def way_of(state: str) -> str:
    """Badges: requested → accepted → done, the last of them where it is now."""
    return " → ".join(
        badge(STATES[each][0] if each == state else UNKNOWN, said(STATES[each][1]))
        for each in steps_to(state)
    )


def _outcome(row: Mapping[str, Any]) -> str:
    what = f"**{word(KINDS, row['kind'])}** {plain(_target(row))}"
    message = row["message"]
    return f"{what}: {told(Message.from_json(message))}" if message else what


def _target(row: Mapping[str, Any]) -> str:
    return target_name(row["kind"], row["target"], row["args"])


def _recent() -> Sequence[Mapping[str, Any]]:
    """Empty where nobody tells: whoever may not look sees no button either."""
    try:
        found: Sequence[Mapping[str, Any]] = looked("/requests")["requests"]
    except (RequestRefused, AgentSilent):
        return []
    return found


def draw_in_force(standing: Standing) -> None:
    """Raises and releases that hold, each with its end; then what is silenced or acknowledged."""
    _ = texts()
    st.subheader(_("Raised and released"))
    if standing.said is None:
        if standing.refusal is not None:
            st.caption(sentence(standing.refusal))
        return
    lines = [_raise_line(each) for each in standing.said["raises"]]
    st.markdown("  \n".join(lines or [_("○ Nothing is raised or released.")]))
    quiet = [_quiet_line(each) for each in standing.said["orders"] if each["kind"] in QUIET]
    if quiet:
        st.subheader(_("Silenced and acknowledged"))
        st.markdown("  \n".join(quiet))


def _raise_line(each: Mapping[str, Any]) -> str:
    _ = texts()
    delta = each["delta_krw"]
    mark = badge(
        WATCH, _("raised by {won}").format(won=krw(Decimal(delta))) if delta else _("released")
    )
    text = _("**{name}** until {moment}, by {who}: {reason}").format(
        name=label_of(each["bucket"]),
        moment=moment(each["until"], house().zone)[:16],
        who=plain(each["by"]),
        reason=plain(each["reason"]),
    )
    return f"{mark} {text}"


def _quiet_line(each: Mapping[str, Any]) -> str:
    """An order that holds; one of an earlier version may have no end of its own."""
    _ = texts()
    is_silence = each["kind"] == "silence"
    target = each["target"]
    name = (
        _("all that is not critical") if target == EVERYTHING else target_name(each["kind"], target)
    )
    text = _("**{name}**, by {who}: {reason}").format(
        name=plain(name), who=plain(each["ordered_by"]), reason=plain(each["reason"])
    )
    mark = badge(UNKNOWN, _("silenced") if is_silence else _("acknowledged"))
    if each["until_at"]:
        ends = _("until {moment}").format(moment=moment(each["until_at"], house().zone)[:16])
        return f"{mark} {text} ({ends})"
    return f"{mark} {text}"


class Question(NamedTuple):
    """What waits for a person's yes; names in the order in which it would be done."""

    batch: str
    verb: str
    names: list[str]
    by: str


def questions(operations: Iterable[Mapping[str, Any]]) -> list[Question]:
    """One a batch."""
    found: dict[str, Question] = {}
    for each in operations:
        if each["state"] == ASKED:
            batch = each["batch"]
            first = found.setdefault(batch, Question(batch, each["verb"], [], each["ordered_by"]))
            first.names.append(each["target"])
    return list(found.values())


def draw_questions(stops: Mapping[str, Any]) -> None:
    """May it be stopped? Silence is a no."""
    _ = texts()
    open_ones = questions(stops.get("operations", ()))
    if not open_ones:
        return
    st.subheader(_("Waits for your yes"))
    text = _("**{verb}: {names}**, asked by {who}")
    for each in open_ones:
        line = text.format(
            verb=word(VERBS, each.verb),
            names=" → ".join(plain(name) for name in each.names),
            who=word(BYS, each.by),
        )
        st.markdown(badge(HIGH, _("question")) + " " + line)
        draw_answers_to(each.batch)
    st.caption(_("What the budget stopped with your yes, it starts again when there is money."))


def draw_requests() -> None:
    _ = texts()
    st.subheader(_("Requests"))
    try:
        rows = looked("/requests")["requests"][:SHOWN_MAX]
    except (RequestRefused, AgentSilent) as trouble:
        st.caption(sentence(trouble))
        return
    if not rows:
        st.caption(_("○ Nobody has asked for anything yet."))
        return
    draw_rows(
        {
            _("Moment"): [moment(row["asked_at_us"] / MICRO, house().zone)[:16] for row in rows],
            _("Request"): [word(KINDS, row["kind"]) for row in rows],
            _("What"): [_target(row) for row in rows],
            _("State"): [_state(row["state"]) for row in rows],
            _("By"): [row["who"] for row in rows],
            _("Reason"): [row["reason"] for row in rows],
            _("What became of it"): [
                said(Message.from_json(row["message"])) if row["message"] else "" for row in rows
            ],
        },
        key="requests",
        alt=_("What people asked for, and what became of it"),
    )


def _state(state: str) -> str:
    (_colour, icon), text = STATES[state]
    return f"{icon} {said(text)}"
