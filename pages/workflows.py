"""Workflows: which n8n workflows run, and which fail?"""

import time

import streamlit as st

from models.errors import AgentSilent, QueryRefused
from models.spans import STORED_SPANS
from models.workflow_table import workflow_lines
from pages.parts.choices import picker, span_choice
from pages.parts.empty import draw_no_workflows
from pages.parts.frame import heading
from pages.parts.house import home
from pages.parts.instances import draw_n8n
from pages.parts.source import details_of, view_of, workflows_known, workflows_over
from pages.parts.texts import texts
from pages.parts.trouble import draw_trouble
from pages.parts.workflow_table import draw_table, draw_workflow

_ = texts()
paused = heading(_("Workflows"), _("Which n8n workflows run, and which fail?"))

span = span_choice(STORED_SPANS)


@st.fragment(run_every=None if paused else span.refresh_seconds)
def workflows() -> None:
    now = time.time()
    draw_n8n(view_of(home()), details_of(home()))
    try:
        lines = workflow_lines(
            workflows_over(home(), span), workflows_known(home()), details_of(home())
        )
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)
        return
    if not lines:
        draw_no_workflows(view_of(home()))
        return
    draw_table(lines, now)
    by_key = {line.key: line for line in lines}
    names = {line.key: line.runs.name for line in lines}
    st.subheader(_("One workflow"))
    chosen = picker(_("Workflow"), "workflow", list(by_key), names.__getitem__)
    draw_workflow(by_key[chosen], span, now)


workflows()
