"""The fields of each kind of request, and the request that they say."""

import time
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from models.messages import Message, say
from models.requests import AUTOMATION, EVERYTHING, Kind
from models.requests.reading import PAUSABLE
from pages.parts.budget_source import Standing
from pages.parts.budget_words import BUCKET_KINDS, PAUSES, PLACES, word
from pages.parts.costs_words import bucket_name
from pages.parts.formats import age, day, krw, moment
from pages.parts.house import house, settings
from pages.parts.texts import plain, texts
from pages.parts.values import draw_rows
from pages.parts.words import said as spoken

MICRO = 1_000_000
RAISED_KRW, STEP_KRW = 1_000, 500
LENGTHS: Mapping[str, tuple[int, Message]] = {
    "1h": (3_600, say("for an hour")),
    "4h": (4 * 3_600, say("for four hours")),
    "1d": (86_400, say("for a day")),
    "3d": (3 * 86_400, say("for three days")),
    "7d": (7 * 86_400, say("for a week")),
}
QUIET_KINDS: tuple[Kind, ...] = ("pause", "silence", "acknowledge")
TIL_OVER = "over"
APART = "\n"
"""Between the two parts of what is chosen; no name has it."""


def draw_fields(kind: Kind, standing: Standing) -> bool:
    """Target and arguments of a kind; whether there is anything to ask for."""
    _ = texts()
    if kind in BUCKET_KINDS:
        return _draw_bucket(kind, standing)
    if kind == "settle":
        return _draw_settle(standing.said or {})
    if kind == "stop_all":
        st.caption(_("All that costs money, whatever its priority."))
        return True
    options, nothing = _options(kind, standing)
    if not _draw_choice(kind, options, nothing):
        return False
    if kind in QUIET_KINDS:
        _draw_length(kind, [TIL_OVER, *LENGTHS] if kind == "acknowledge" else list(LENGTHS))
    return True


def _options(kind: Kind, standing: Standing) -> tuple[Mapping[str, str], str]:
    """What there is to choose from, and what is said where there is nothing."""
    _ = texts()
    told = standing.said or {}
    if kind == "withdraw":
        return _raised(told), _("○ Nothing is raised or released.")
    if kind == "acknowledge":
        return _told(told), _("○ All that was told this week is acknowledged.")
    if kind == "pause":
        return {name: word(PAUSES, name) for name in PAUSABLE}, ""
    if kind == "silence":
        return _silenced(standing), ""
    if kind == "resume":
        return {name: word(PLACES, name) for name in (EVERYTHING, AUTOMATION)}, ""
    names = {service.name: service.name for service in settings().service}
    return names, plain(_("No [[service]] is named in the settings, see docs/limits.md."))


def _draw_bucket(kind: Kind, standing: Standing) -> bool:
    _ = texts()
    st.selectbox(_("Budget"), list(standing.states), format_func=bucket_name, key=f"target-{kind}")
    if kind == "raise":
        st.number_input(_("Won more"), 1, None, RAISED_KRW, STEP_KRW, key="amount")
    zone, ends = house().zone, standing.found[0].end
    first, last = (date.fromisoformat(day(at, zone)) for at in (time.time(), ends - 1))
    st.date_input(
        _("To the end of"), last, min(first, last), last, format="YYYY-MM-DD", key=f"until-{kind}"
    )
    return True


def _draw_choice(kind: Kind, options: Mapping[str, str], nothing: str) -> bool:
    """One of the options, by what is shown of each; else why there is none."""
    _ = texts()
    if not options:
        st.caption(nothing)
        return False
    st.selectbox(_("What"), list(options), format_func=options.__getitem__, key=f"target-{kind}")
    return True


def _raised(told: Mapping[str, Any]) -> dict[str, str]:
    _ = texts()
    text, zone = _("{name}: {what} until {moment}"), house().zone
    return {
        f"{each['id']}{APART}{each['bucket']}": text.format(
            name=bucket_name(each["bucket"]),
            what=_("raised by {won}").format(won=krw(Decimal(each["delta_krw"])))
            if each["delta_krw"]
            else _("released"),
            moment=moment(each["until"], zone)[:16],
        )
        for each in told.get("raises", ())
    }


def _draw_settle(told: Mapping[str, Any]) -> bool:
    """Calls whose end nobody saw, each at its worst case, and what one really cost."""
    _ = texts()
    calls: Sequence[Mapping[str, Any]] = told.get("unverified", ())
    if not calls:
        st.caption(_("○ The end of every call was seen."))
        return False
    worst = [krw(Decimal(each["worst_micro"]) / MICRO) for each in calls]
    ages = [spoken(age(time.time() - each["opened_at"])) for each in calls]
    draw_rows(
        {
            _("Model"): [f"{each['provider']} {each['model']}" for each in calls],
            _("Worst case"): worst,
            _("Began"): ages,
            _("Call"): [each["call"] for each in calls],
        },
        key="doubtful",
        alt=_("Calls whose end nobody saw, counted at their worst case"),
    )
    more = told.get("unverified_count", 0) - len(calls)
    if more > 0:
        st.caption(_("{count} more are shown when these are settled.").format(count=more))
    text = _("{model}, {worst} at most, {age}")
    options = {
        f"{each['call']}{APART}{each['attempt']}": text.format(
            model=f"{each['provider']} {each['model']}", worst=most, age=old
        )
        for each, most, old in zip(calls, worst, ages, strict=True)
    }
    _draw_choice("settle", options, "")
    st.text_input(
        _("What it cost, in won"),
        placeholder="12.5",
        help=_("Gross, as the provider's page says; 0 for nothing."),
        key="cost",
        autocomplete="off",
    )
    return True


def _told(told: Mapping[str, Any]) -> dict[str, str]:
    zone = house().zone
    return {
        str(each["number"]): f"#{each['number']} {moment(each['put_at'], zone)[5:16]} "
        f"{spoken(Message.from_json(each['title']))}"
        for each in told.get("alerts", ())
    }


def _silenced(standing: Standing) -> dict[str, str]:
    _ = texts()
    return {
        EVERYTHING: _("all that is not critical"),
        **{name: bucket_name(name) for name in standing.states},
        **{service.name: service.name for service in settings().service},
    }


def _draw_length(kind: Kind, keys: Sequence[str]) -> None:
    _ = texts()
    words = {key: spoken(text) for key, (_seconds, text) in LENGTHS.items()}
    words[TIL_OVER] = _("until it is over")
    st.selectbox(_("How long"), keys, format_func=words.__getitem__, key=f"length-{kind}")


def shape_of(kind: Kind, said: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The request that the fields say."""
    target, _apart, rest = str(said.get(f"target-{kind}", EVERYTHING)).partition(APART)
    args: dict[str, object] = {}
    if kind == "raise":
        args["amount_krw"] = int(said["amount"])
    if kind in BUCKET_KINDS:
        args["until"] = str(said[f"until-{kind}"])
    if kind == "withdraw":
        args["bucket"] = rest
    if kind == "settle":
        args |= {"amount_krw": str(said["cost"]).strip(), "attempt": int(rest)}
    length = str(said.get(f"length-{kind}", TIL_OVER))
    if kind in QUIET_KINDS and length in LENGTHS:
        args["until"] = int(now) + LENGTHS[length][0]
    return {"kind": kind, "target": target, "args": args}
