"""The answers first: is the month over its cap, will it be, and what is limited until when."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from models.budget.policy import advice, is_stopping
from models.budget.state import BucketState
from models.budget.words import done_message
from models.costs.shapes import Bucket
from models.messages import Message
from pages.parts.budget_source import Standing, refused_now
from pages.parts.budget_what_if import advised
from pages.parts.budget_words import BYS, SHOWN, target_name, word
from pages.parts.costs_month import outlook
from pages.parts.costs_source import FIRST, burn_of
from pages.parts.costs_words import label_of
from pages.parts.formats import krw, moment
from pages.parts.house import home, house, settings
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import NO_VALUE
from sallim.ledger.money_rows import ESSENTIAL, IMPORTANT


def draw_counting(states: Mapping[str, BucketState]) -> None:
    """A budget that only counts protects from nothing, so it is said in red."""
    _ = texts()
    names = [label_of(each.bucket_id) for each in states.values() if each.mode == "count"]
    if names:
        st.error(
            _(
                "**Only counts: {names}.** Nothing is refused or stopped there, however much is "
                "spent. `budget.modes` in the settings changes it."
            ).format(names=", ".join(names)),
            icon=":material/money_off:",
        )


def draw_answers(found: Sequence[Bucket]) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    over = [each for each in found if each.spent_won > each.cap_won]
    lines = [
        badge(HIGH, _("over"))
        + " "
        + _("{name} is over its cap by {won}.").format(
            name=label_of(each.bucket_id), won=krw(each.spent_won - each.cap_won)
        )
        for each in over
    ] or [badge(FINE, _("within")) + " " + _("No budget is over its cap.")]
    st.markdown("  \n".join([*lines, *_outlooks(found)]))


def _outlooks(found: Sequence[Bucket]) -> list[str]:
    _ = texts()
    lines = []
    for each in [one for one in found if one.bucket_id in FIRST[:2]] or found[:1]:
        look, value, note = outlook(burn_of(home(), each.bucket_id))
        form = (
            _("{name}: too little is known to say how its month ends.")
            if value == NO_VALUE
            else _("{name}, expected at the month's end: {value}, {note}")
        )
        text = form.format(name=label_of(each.bucket_id), value=value, note=note)
        words = {
            FINE: _("holds"),
            WATCH: _("may not hold"),
            HIGH: _("will not hold"),
            UNKNOWN: _("not known yet"),
        }
        lines.append(f"{badge(look, words[look])} {text}")
    return lines


def draw_limited(standing: Standing, stops: Mapping[str, Any]) -> None:
    """What is refused, stopped or paused, by which rule, and until when."""
    _ = texts()
    st.subheader(_("Limited now"))
    lines = [line for state in standing.states.values() if (line := _refusal(state))]
    lines += stopped_lines(stops)
    orders = (standing.said or {}).get("orders", ())
    lines += [_paused(each) for each in orders if each["kind"] == "pause"]
    lines = lines or [badge(FINE, _("Nothing is limited."))]
    budget = settings().budget
    steps = [each for state in standing.states.values() for each in advice(state, budget)]
    st.markdown("  \n".join([*lines, *map(advised, steps)]))


def _refusal(state: BucketState) -> str:
    """Empty where all calls are let through that fit."""
    _ = texts()
    budget = settings().budget
    refused = refused_now(state, budget)
    if not refused:
        return ""
    at_all = ESSENTIAL in refused
    key, part = (
        ("important_percent", budget.important_percent)
        if IMPORTANT in refused
        else ("optional_percent", min(budget.optional_percent, budget.important_percent))
    )
    rule = (
        _("its cap of {won}").format(won=krw(state.cap_won))
        if at_all or state.is_released
        else f"`budget.{key} = {part}`"
    )
    text = _(
        "**{name}**: {what}, by {rule}, until {moment}, or until it is raised or released."
    ).format(
        name=label_of(state.bucket_id),
        what=told(done_message(state, refused, is_stopping(state), house().timezone)),
        rule=rule,
        moment=moment(state.end, house().zone)[:16],
    )
    return badge(HIGH, _("refused")) + " " + text


def stopped_lines(stops: Mapping[str, Any]) -> list[str]:
    """What is wanted down, by whom, and how far that has come."""
    _ = texts()
    lines = []
    for target in stops.get("targets", ()):
        wanted = target["wanted"]
        if wanted is None or wanted["state"] != "down":
            continue
        until = wanted["until"]
        text = _("**{name}**: held down by {who}, {until}: {reason}").format(
            name=plain(target["name"]),
            who=word(BYS, wanted["wanted_by"]),
            until=_("until it is started again")
            if until is None
            else _("until {moment}").format(moment=moment(until, house().zone)[:16]),
            reason=told(Message.from_json(wanted["reason"])),
        )
        lines.append(f"{badge(HIGH, word(SHOWN, target['state']))} {text}")
    return lines


def _paused(order: Mapping[str, Any]) -> str:
    _ = texts()
    text = _("**{what}** rests until {moment}, by {who}: {reason}").format(
        what=plain(target_name("pause", order["target"])),
        moment=moment(order["until_at"], house().zone)[:16],
        who=plain(order["ordered_by"]),
        reason=plain(order["reason"]),
    )
    return badge(UNKNOWN, _("paused")) + " " + text
