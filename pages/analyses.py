"""Analyses: do they get through, and what holds them up?"""

import time

import streamlit as st

from models.errors import AgentSilent, QueryRefused
from models.spans import STORED_SPANS
from pages.parts.analysis_source import analyses_over, report_over
from pages.parts.analysis_table import draw_analyses, draw_analysis
from pages.parts.bottleneck_report import draw_report
from pages.parts.choices import open_tab, picker, span_choice
from pages.parts.empty import draw_no_analyses
from pages.parts.frame import heading
from pages.parts.house import home
from pages.parts.texts import texts
from pages.parts.trouble import draw_trouble

REPORT_SECONDS = 60

_ = texts()
paused = heading(_("Analyses"), _("Do the analyses get through, and what holds them up?"))

span = span_choice(STORED_SPANS)


@st.fragment(run_every=None if paused else span.refresh_seconds)
def runs() -> None:
    now = time.time()
    try:
        summaries = analyses_over(home(), span)
        if not summaries:
            draw_no_analyses()
            return
        draw_analyses(summaries, now)
        by_name = {summary.analysis: summary for summary in summaries}
        st.subheader(_("One analysis"))
        chosen = picker(_("Analysis"), "analysis", list(by_name))
        draw_analysis(by_name[chosen], span, now)
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


@st.fragment(run_every=None if paused else REPORT_SECONDS)
def report() -> None:
    try:
        if not analyses_over(home(), span):
            draw_no_analyses()
            return
        draw_report(report_over(home(), span))
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)


tab = open_tab({"runs": _("Runs"), "bottlenecks": _("Bottlenecks")})
with tab.place:
    if tab.key == "runs":
        runs()
    else:
        report()
