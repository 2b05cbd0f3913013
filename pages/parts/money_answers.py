"""The first two answers: is the month's money spent, and will it be?"""

from collections.abc import Sequence

import streamlit as st

from models.costs.shapes import Bucket
from models.errors import AgentSilent, QueryRefused
from pages.parts.costs_course import no_projection
from pages.parts.costs_month import Look, look_of, outlook
from pages.parts.costs_source import FIRST, buckets_now, burn_of
from pages.parts.costs_words import bucket_name
from pages.parts.formats import krw
from pages.parts.house import home
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import texts

WORST_LAST = (UNKNOWN, FINE, WATCH, HIGH)


def draw_over() -> None:
    _ = texts()
    found = _main_buckets()
    question = _("Am I over?")
    if not found:
        _ask(question, UNKNOWN, _("not known"))
        st.caption(_("No budget is known yet: the agent writes it at its start, see `[budget]`."))
        return
    look = max((look_of(one) for one in found), key=WORST_LAST.index)
    is_over = any(one.spent_won >= one.cap_won for one in found)
    words = {FINE: _("no"), WATCH: _("not yet"), HIGH: _("yes") if is_over else _("almost")}
    _ask(question, look, words[look])
    part = _("{name}: {won} of {cap}")
    st.caption(
        "  \n".join(
            part.format(
                name=bucket_name(one.bucket_id), won=krw(one.spent_won), cap=krw(one.cap_won)
            )
            for one in found
        )
    )


def draw_overshoot() -> None:
    _ = texts()
    question = _("Will I overshoot?")
    try:
        courses = [(one, outlook(burn_of(home(), one.bucket_id))) for one in _main_buckets()]
    except (AgentSilent, QueryRefused):
        courses = []
    known = [(one, *course) for one, course in courses if course[0] != UNKNOWN]
    if not known:
        _ask(question, UNKNOWN, _("not known"))
        st.caption(no_projection())
        return
    look = max((course[1] for course in known), key=WORST_LAST.index)
    words = {FINE: _("no"), WATCH: _("perhaps"), HIGH: _("yes")}
    _ask(question, look, words[look])
    part = _("{name}: {won} at the month's end ({note})")
    st.caption(
        "  \n".join(
            part.format(name=bucket_name(one.bucket_id), won=value, note=note)
            for one, _look, value, note in known
        )
    )


def _ask(question: str, look: Look, answer: str) -> None:
    st.markdown(f"**{question}** {badge(look, answer)}")


def _main_buckets() -> Sequence[Bucket]:
    """APIs and all together; none where nobody can be asked, which the page says elsewhere."""
    try:
        return [one for one in buckets_now(home()) if one.bucket_id in FIRST[:2]]
    except (AgentSilent, QueryRefused):
        return []
