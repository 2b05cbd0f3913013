"""The tab `months`: those that are over, kept or not, their reports, and what the card says."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import streamlit as st

from models.budget.close import MonthClose
from models.budget.close_json import close_of
from models.budget.close_report import csv_of, html_of
from models.budget.close_words import explained
from models.costs.shapes import NOTHING, Point
from models.errors import AgentSilent, RequestRefused
from models.requests import Kind
from models.requests.roles import may
from models.typed import typed
from pages.parts.account import visitor
from pages.parts.asking_agent import looked, sentence
from pages.parts.budget_change import draw_waiting, prepare
from pages.parts.budget_plan import draw_plan
from pages.parts.budget_projections import draw_projections
from pages.parts.choices import picker
from pages.parts.costs_charts import bars_figure
from pages.parts.costs_spent import won_cell, won_column
from pages.parts.formats import krw
from pages.parts.history import CONFIG, palette
from pages.parts.house import home, house
from pages.parts.source import view_of
from pages.parts.status import FINE, HIGH, badge
from pages.parts.texts import texts, told
from pages.parts.values import draw_rows
from pages.parts.words import said

MICRO = 1_000_000
CHART_PIXELS = 220


class Past(NamedTuple):
    """A month that is closed; `charged_won` None: nobody said what the card was charged."""

    close: MonthClose
    revision: int
    charged_won: Decimal | None


def past_of(shapes: Sequence[Mapping[str, Any]]) -> list[Past]:
    """Out of the answer of `GET /months`, in the order of the months."""
    return [
        Past(
            close_of(each["close"]),
            each["revision"],
            None if each["charged_micro"] < 0 else Decimal(each["charged_micro"]) / MICRO,
        )
        for each in shapes
    ]


def draw_months() -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    if draw_waiting():
        return
    try:
        answer = looked("/months")
    except (RequestRefused, AgentSilent) as trouble:
        st.caption(sentence(trouble))
        answer = {"closes": [], "plans": []}
    past = past_of(answer["closes"])
    st.subheader(_("Past months"))
    if past:
        _draw_past(past)
        _draw_report(past)
    else:
        st.caption(
            _("○ No month is over yet since Sallim began. The first is closed after its midnight.")
        )
    draw_plan(answer["plans"], can_ask=can_ask("plan"))


def can_ask(kind: Kind) -> bool:
    """The agent decides; here it only saves people from a form that is refused."""
    here = visitor()
    return here is not None and may(here.role, kind) and not view_of(home()).silent


def _draw_past(past: Sequence[Past]) -> None:
    _ = texts()
    newest = list(reversed(past))
    kept = sum(each.close.is_kept for each in past)
    st.markdown(
        _("Kept: **{kept}** of {count} months.").format(kept=kept, count=len(past))
        + " "
        + badge(*_verdict(newest[0].close))
    )
    if len(past) > 1:
        _draw_chart(past)
    draw_rows(
        {
            _("Month"): [each.close.month for each in newest],
            _("Spent"): [won_cell(each.close.spent_won) for each in newest],
            _("Cap"): [won_cell(_allowed(each.close)) for each in newest],
            _("Verdict"): [_verdict_text(each.close) for each in newest],
            _("Charged to the card"): [won_cell(each.charged_won) for each in newest],
            _("Refused calls"): [each.close.refused.calls for each in newest],
            _("Corrected"): [each.revision - 1 for each in newest],
        },
        column_config=dict.fromkeys((_("Spent"), _("Cap"), _("Charged to the card")), won_column()),
        key="months",
        alt=_("Past months, kept or not"),
    )


def _draw_chart(past: Sequence[Past]) -> None:
    _ = texts()
    figure = bars_figure(_lines(past), house().zone, palette())
    figure["layout"]["height"] = CHART_PIXELS
    alt = _("What each month cost, and how far it went over its cap")
    st.plotly_chart(figure, key="past-months", config=CONFIG, alt=alt)


def _lines(past: Sequence[Past]) -> list[tuple[str, list[Point]]]:
    """Within the cap, and above it."""
    _ = texts()
    within, above = [], []
    for each in past:
        close, spent = each.close, each.close.spent_won
        most = _allowed(close)
        over = NOTHING if most is None else max(NOTHING, spent - most)
        within.append(Point(close.month, close.since, close.until, spent - over, 0))
        above.append(Point(close.month, close.since, close.until, over, 0))
    names = (_("within the cap"), _("over the cap"))
    return [(names[0], within), *([(names[1], above)] if any(p.won for p in above) else [])]


def _allowed(close: MonthClose) -> Decimal | None:
    return None if close.total is None else close.total.allowed_won


def _verdict(close: MonthClose) -> tuple[tuple[str, str], str]:
    _ = texts()
    text = _("{month} kept") if close.is_kept else _("{month} overspent")
    return FINE if close.is_kept else HIGH, text.format(month=close.month)


def _verdict_text(close: MonthClose) -> str:
    _ = texts()
    (_colour, icon), word = (FINE, _("kept")) if close.is_kept else (HIGH, _("overspent"))
    return f"{icon} {word}"


def _draw_report(past: Sequence[Past]) -> None:
    _ = texts()
    st.subheader(_("Report of a month"))
    by_month = {each.close.month: each for each in reversed(past)}
    one = by_month[picker(_("Month"), "month", list(by_month))]
    if one.charged_won is not None:
        st.markdown("\n".join(f"- {told(each)}" for each in explained(one.close, one.charged_won)))
    name = f"sallim-{one.close.month}"
    with st.container(horizontal=True):
        st.download_button(
            _("Report as a page"),
            data=html_of(one.close, one.charged_won, said).encode(),
            file_name=f"{name}.html",
            mime="text/html",
            on_click="ignore",
            key="month-html",
        )
        st.download_button(
            _("Report as CSV"),
            data=csv_of(one.close, one.charged_won).encode(),
            file_name=f"{name}.csv",
            mime="text/csv",
            on_click="ignore",
            key="month-csv",
        )
    draw_projections(one.close)
    command = typed(f"budget close --month {one.close.month} --html FILE", home())
    st.caption(f"`{command}`")
    if can_ask("charge"):
        _draw_charge(one)


def _draw_charge(one: Past) -> None:
    _ = texts()
    title = _("What was the card charged for {month}?").format(month=one.close.month)
    with st.form(f"charge-{one.close.month}"):
        st.number_input(
            title,
            0,
            None,
            int(one.close.spent_won if one.charged_won is None else one.charged_won),
            100,
            key="charged",
        )
        st.text_input(_("Reason"), _("the card's statement"), max_chars=300, key="charge-reason")
        st.form_submit_button(
            _("Show what follows"),
            icon=":material/visibility:",
            on_click=_prepare_charge,
            args=(one.close.month,),
        )
    st.caption(krw(one.close.spent_won) + " · " + _("as counted"))


def _prepare_charge(month: str) -> None:
    amount = int(st.session_state["charged"])
    shape = {"kind": "charge", "target": month, "args": {"amount_krw": amount}}
    prepare(shape, str(st.session_state["charge-reason"]))
