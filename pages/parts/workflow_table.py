"""The table of workflows, and one of them looked at closely."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from data.workflows import Failure, failures_of, run_buckets
from models.errors import AgentSilent, QueryRefused
from models.messages import Message, say
from models.spans import Span
from models.workflow_table import Standing, WorkflowLine
from pages.parts.formats import age, moment, percent
from pages.parts.history import CONFIG, palette
from pages.parts.house import home, zone
from pages.parts.runs_chart import RunsTexts, runs_figure
from pages.parts.source import reader_of
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.trouble import draw_trouble
from pages.parts.values import draw_rows, seconds_column

BUCKETS = 60
FAILURES_SHOWN = 10

WORDS: dict[Standing, Message] = {
    Standing.STUCK: say("stuck"),
    Standing.SILENT: say("silent"),
    Standing.FAILING: say("failing"),
    Standing.FAILED: say("failed"),
    Standing.FINE: say("works"),
    Standing.QUIET: say("no runs"),
    Standing.OFF: say("off"),
}
LOOKS = {
    Standing.STUCK: HIGH,
    Standing.SILENT: HIGH,
    Standing.FAILING: HIGH,
    Standing.FAILED: WATCH,
    Standing.FINE: FINE,
    Standing.QUIET: UNKNOWN,
    Standing.OFF: UNKNOWN,
}


def draw_table(lines: Sequence[WorkflowLine], now: float) -> None:
    """Worst first."""
    _ = texts()
    runs = [line.runs for line in lines]
    several = len({row.source for row in runs}) > 1
    columns: dict[str, list[Any]] = {
        _("State"): [f"{LOOKS[line.standing][1]} {told(WORDS[line.standing])}" for line in lines],
        _("Workflow"): [row.name for row in runs],
        _("Runs"): [list(row.trend) for row in runs],
        _("Count"): [row.runs for row in runs],
        _("Success"): [None if r.success_rate is None else r.success_rate * 100 for r in runs],
        _("Last success"): [_ago(row.last_success_at, now) for row in runs],
        _("Failures in a row"): [row.streak for row in runs],
        _("Median"): [row.median_seconds for row in runs],
        _("p95"): [row.p95_seconds for row in runs],
        _("Wait p95"): [row.wait_p95_seconds for row in runs],
    }
    if several:
        columns[_("n8n")] = [row.source.partition(":")[2] for row in runs]
    seconds = seconds_column()
    draw_rows(
        columns,
        column_config={
            _("Runs"): st.column_config.BarChartColumn(y_min=0, width="small"),
            _("Success"): st.column_config.NumberColumn(format="%.1f %%"),
            **dict.fromkeys((_("Median"), _("p95"), _("Wait p95")), seconds),
        },
        key="workflows",
        alt=_("Workflows, the worst first"),
    )


def draw_workflow(line: WorkflowLine, span: Span, now: float) -> None:
    """One workflow: how it is and why, its runs over time, its last failures."""
    _ = texts()
    runs = line.runs
    parts = [badge(LOOKS[line.standing], told(WORDS[line.standing]))]
    if line.why is not None:
        parts.append(told(line.why))
    if runs.success_rate is not None:
        parts.append(_("{rate} of its runs succeeded").format(rate=percent(runs.success_rate)))
    st.markdown(" · ".join(parts))
    if line.link:
        st.link_button(_("Open in n8n"), line.link, icon=":material/open_in_new:")
    key = (runs.source, runs.workflow_id)
    try:
        buckets = run_buckets(
            reader_of(home()), key, now - span.seconds, now, span.seconds / BUCKETS
        )
        failures = failures_of(reader_of(home()), key, FAILURES_SHOWN)
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)
        return
    if len(buckets["at_ms"]):
        figure = runs_figure(
            buckets,
            (now - span.seconds, now),
            palette(),
            RunsTexts(_("succeeded"), _("failed"), _("median duration"), _("longest")),
        )
        alt = _("Runs and durations of {name} over time").format(name=runs.name)
        st.plotly_chart(figure, key=f"runs-{line.key}", config=CONFIG, alt=alt)
    draw_failures(failures, line)


def draw_failures(failures: Sequence[Failure], line: WorkflowLine) -> None:
    _ = texts()
    st.subheader(_("Last failures"))
    if not failures:
        st.caption(_("None is known."))
        return
    opens = _("open")
    for failure in failures:
        said = plain(failure.error) or _("n8n says no more than that it failed.")
        which = _("run {number}").format(number=plain(failure.execution_id))
        if failure.key:
            which = f"{which} · **{plain(failure.key)}**"
        link = line.execution_link(failure.execution_id)
        ending = f" · [{opens}]({link})" if link else ""
        when = moment(failure.failed_at, zone())
        st.markdown(f"{badge(HIGH, when)} {which} · {said}{ending}")


def _ago(at: float | None, now: float) -> str | None:
    return None if at is None else told(age(now - at))
