"""The next month's plan: how its money may be split, and the request to have it hold."""

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from data.next_month import chosen_of, wants
from models.budget.plan import Plan, Share, Wants, split
from models.costs.advice import Advice, advise
from models.costs.shapes import NOTHING
from pages.parts.budget_change import prepare
from pages.parts.costs_advice import subject_of
from pages.parts.costs_source import advised_on
from pages.parts.costs_words import bucket_name
from pages.parts.formats import krw
from pages.parts.house import home, settings
from pages.parts.source import reader_of
from pages.parts.status import UNKNOWN, WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import draw_plain_tiles
from pages.parts.words import said

ADVICE = "plan-advice"


@st.cache_resource(show_spinner=False, ttl=55, max_entries=8)
def wants_of(folder: str) -> Wants:
    """Without any advice. Raises AgentSilent, QueryRefused."""
    return wants(reader_of(folder), settings(), time.time())


def draw_plan(held: Sequence[Mapping[str, Any]], *, can_ask: bool) -> None:
    """`held` are plans that hold or will. Raises AgentSilent, QueryRefused."""
    _ = texts()
    known = wants_of(home())
    st.subheader(_("Plan of {month}").format(month=known.month))
    advice = [each for each in advise(*advised_on(home())) if each.saving_krw_month]
    chosen = _chosen(advice)
    plan = split(known._replace(chosen=[chosen_of(each) for each in chosen]))
    _draw_shares(plan)
    for each in held:
        _draw_held(each, can_ask=can_ask)
    if can_ask:
        _draw_apply(plan)
    else:
        st.caption(_("An owner may have it hold from {month} on.").format(month=plan.month))


def _chosen(advice: Sequence[Advice]) -> list[Advice]:
    """What its reader means to follow."""
    _ = texts()
    if not advice:
        return []

    def title(place: int) -> str:
        each = advice[place]
        saving = krw(each.saving_krw_month or NOTHING)
        return f"{subject_of(each)}: {said(each.sentence)} ({saving})"

    places = st.multiselect(
        _("Advice that you will follow"),
        range(len(advice)),
        format_func=title,
        placeholder=_("none"),
        key=ADVICE,
    )
    return [advice[place] for place in places]


def _draw_shares(plan: Plan) -> None:
    _ = texts()
    tiles = [(bucket_name(each.bucket_id), krw_of(each.amount_krw)) for each in plan.shares[:2]]
    left = (_("Planned for nothing"), krw_of(plan.left_krw))
    draw_plain_tiles([(_("Total"), krw_of(plan.total_krw)), *tiles, left])
    st.markdown("\n".join(f"- {_line(each)}" for each in plan.shares))
    misfit, ahead = badge(WATCH, _("does not fit")), badge(UNKNOWN, _("paid ahead"))
    notes = [
        *(f"{misfit} {told(each)}" for each in plan.misfits),
        *(f"{ahead} {told(each)}" for each in plan.notes),
    ]
    if notes:
        st.markdown("  \n".join(notes))


def _line(share: Share) -> str:
    _ = texts()
    text = (
        _("**{name}** {amount} of {cap}: {why}")
        if share.capped
        else _("**{name}** {amount}, without a cap of their own: {why}")
    )
    return text.format(
        name=plain(bucket_name(share.bucket_id)),
        amount=krw_of(share.amount_krw),
        cap=krw_of(share.cap_krw),
        why=told(share.why),
    )


def _draw_held(held: Mapping[str, Any], *, can_ask: bool) -> None:
    _ = texts()
    amounts = ", ".join(
        f"{plain(bucket_name(name))} {krw_of(amount)}" for name, amount in held["amounts"].items()
    )
    text = _("**From {month} on**: {amounts}; by {who}: {reason}").format(
        month=held["month"],
        amounts=amounts,
        who=plain(held["planned_by"]),
        reason=plain(held["reason"]),
    )
    st.markdown(badge(WATCH, _("planned")) + " " + text)
    if can_ask:
        st.button(
            _("End this plan"),
            key=f"unplan-{held['month']}",
            icon=":material/undo:",
            on_click=_prepare_unplan,
            args=(held["month"],),
        )


def _draw_apply(plan: Plan) -> None:
    _ = texts()
    with st.form("plan"):
        st.text_input(_("Reason"), max_chars=300, key="plan-reason")
        st.form_submit_button(
            _("Show what follows"),
            icon=":material/visibility:",
            on_click=_prepare_plan,
            args=(plan,),
        )
    st.caption(
        _("It lowers caps from {month} on and never lifts one; this month stays as it is.").format(
            month=plan.month
        )
    )


def _prepare_plan(plan: Plan) -> None:
    args = {"total_krw": plan.total_krw, "amounts_krw": plan.amounts_krw}
    shape = {"kind": "plan", "target": plan.month, "args": args}
    prepare(shape, str(st.session_state["plan-reason"]))


def _prepare_unplan(month: str) -> None:
    _ = texts()
    prepare({"kind": "unplan", "target": month, "args": {}}, _("ended on the page"))


def krw_of(amount_krw: int) -> str:
    return krw(Decimal(amount_krw))
