"""The tab `advice`: what would cost less, with its evidence, how sure it is, and how to do it."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from models.costs.advice import CALLS_MIN, SAVING_MIN_WON, SPAN_DAYS, advise, together
from models.costs.advice.shapes import (
    Advice,
    Confidence,
    Evidence,
    Facts,
    Kind,
    Unit,
)
from models.messages import Message, say
from models.typed import typed
from pages.parts.costs_source import advised_on
from pages.parts.costs_words import name_of
from pages.parts.formats import day, krw, percent
from pages.parts.house import home, house
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import draw_rows
from pages.parts.words import said

KINDS: dict[Kind, Message] = {
    "idle_machine": say("Idle machine"),
    "cheaper_model": say("Cheaper model"),
    "caching": say("Caching of prompts"),
    "batch": say("Slower and cheaper tier"),
    "repeated": say("Repeated calls"),
    "off_peak": say("Cheap hours"),
    "limits": say("Limit of tokens"),
    "thoughts": say("Long thoughts"),
    "media": say("Pictures and video"),
    "failed": say("Failed calls"),
    "unverified": say("Ends that nobody saw"),
    "outside": say("Use outside the guard"),
}
SURE: dict[Confidence, tuple[tuple[str, str], Message]] = {
    "high": (FINE, say("confidence: high")),
    "medium": (WATCH, say("confidence: medium")),
    "low": (UNKNOWN, say("confidence: low")),
}
SHOWN_MAX = 12


def draw_advice() -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    facts, market = advised_on(home())
    found = advise(facts, market)
    if not found:
        st.success(_("Nothing that would cost less was found."), icon=":material/check:")
        st.caption(looked_at(facts))
        return
    saved = together(found)
    if saved:
        st.markdown(_("**{won}** a month could be saved.").format(won=krw(saved)))
    st.caption(
        _(
            "{looked} It is always the last {days} days, as they were: nothing is stretched to a "
            "month. What looks at the same calls overlaps: of those, the sum counts only the "
            "largest."
        ).format(looked=looked_at(facts), days=SPAN_DAYS)
    )
    shown = first_of(found)
    for place, advice in enumerate(shown, start=1):
        _draw(place, advice)
    if len(shown) < len(found):
        st.caption(_("Smaller ones that are not shown: {n}.").format(n=len(found) - len(shown)))


def first_of(found: Sequence[Advice]) -> list[Advice]:
    """The dearest, and beside them what saves nothing by itself: that is seldom less urgent."""
    saving = [advice for advice in found if advice.saving_krw_month is not None]
    others = [advice for advice in found if advice.saving_krw_month is None]
    return [*saving[:SHOWN_MAX], *others[:SHOWN_MAX]]


def looked_at(facts: Facts) -> str:
    """What was looked at, since when, and what is not said."""
    _ = texts()
    if facts.since is None:
        seen = _("No call is known of the last {days} days.").format(days=SPAN_DAYS)
    else:
        seen = _("Calls looked at since {date}: {calls}.").format(
            calls=f"{facts.calls:,}", date=day(facts.since, house().zone)
        )
    more = _(
        "Rented machines that were watched: {machines}. What saves less than {won} a month, or is "
        "known of fewer than {calls} calls, is not told."
    ).format(machines=len(facts.machines), won=krw(SAVING_MIN_WON), calls=CALLS_MIN)
    return f"{seen} {more}"


def subject_of(advice: Advice) -> str:
    """Of what it speaks: a machine, a provider, or a workflow and its model."""
    workflow, provider, model, machine = advice.subject
    return f"{name_of('workflow', workflow)} · {model}" if model else machine or provider


def _draw(place: int, advice: Advice) -> None:
    _ = texts()
    with st.container(border=True):
        st.markdown(
            f"**{place}. {told(KINDS[advice.kind])}** · {plain(subject_of(advice))}  \n"
            f"{_saving(advice)} {_sureness(advice)}"
        )
        st.markdown(told(advice.sentence))
        with st.expander(_("Evidence, and how to do it"), key=_key(advice)):
            _draw_evidence(advice)
            st.markdown(f"*{told(advice.reason)}*")
            st.markdown("\n".join(f"- {told(step)}" for step in advice.steps))
            if advice.code:
                st.code(advice.code, language="python", wrap_lines=True)
            if advice.command:
                st.code(typed(advice.command, home()), language="shell", wrap_lines=True)


def _key(advice: Advice) -> str:
    """It stays open when the place of it changes."""
    return f"advice-{advice.kind}-{'-'.join(advice.basis)}"


def _saving(advice: Advice) -> str:
    _ = texts()
    if advice.saving_krw_month is None:
        look = HIGH if advice.kind == "outside" else WATCH
        return badge(look, _("saves nothing by itself"))
    return badge(FINE, _("{won} a month").format(won=krw(advice.saving_krw_month)))


def _sureness(advice: Advice) -> str:
    look, word = SURE[advice.confidence]
    return badge(look, told(word))


def _draw_evidence(advice: Advice) -> None:
    _ = texts()
    proofs: Sequence[Evidence] = advice.evidence
    draw_rows(
        {
            _("Evidence"): [said(proof.what) for proof in proofs],
            _("Figure"): [figure(proof.value, proof.unit) for proof in proofs],
        },
        key=f"{_key(advice)}-evidence",
        alt=_("Evidence of: {what}").format(what=said(KINDS[advice.kind])),
    )


def figure(value: Decimal, unit: Unit) -> str:
    """As people read it; what is counted stands in its name."""
    if unit == "won":
        return krw(value)
    if unit == "usd":
        return f"${value:,.2f}"
    if unit == "share":
        return percent(float(value))
    if unit == "hours":
        return said(say("{n} h", n=f"{value:,.1f}"))
    return f"{value:,.0f}"
