"""The tab `bottlenecks`: what holds everything up, ranked by the minutes that it costs a day."""

from collections.abc import Sequence

import streamlit as st

from models.bottlenecks.shapes import Finding, Pipeline, Regime, Report, ResourceUse
from pages.parts.formats import number, percent
from pages.parts.status import HIGH, WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import NO_VALUE, draw_rows, seconds_column

FINDINGS_SHOWN = 8
LOUD_MINUTES = 30.0


def draw_report(report: Report) -> None:
    _ = texts()
    if not report.findings:
        st.success(_("Nothing holds the analyses up in this span."), icon=":material/check:")
    for number_, finding in enumerate(report.findings[:FINDINGS_SHOWN], start=1):
        _draw_finding(number_, finding)
    for pipeline in report.pipelines:
        _draw_pipeline(pipeline)
    _draw_resources(report.resources)
    for note in report.notes:
        st.caption(told(note))


def _draw_finding(place: int, finding: Finding) -> None:
    _ = texts()
    with st.container(border=True):
        mark = HIGH if (finding.minutes_a_day or 0.0) >= LOUD_MINUTES else WATCH
        said = badge(mark, lost(finding.minutes_a_day))
        st.markdown(f"**{place}. {told(finding.title)}** {said}")
        if finding.evidence:
            st.markdown("\n".join(f"- {told(proof)}" for proof in finding.evidence))
        st.markdown(f"→ {told(finding.next_step)}")


def lost(minutes_a_day: float | None) -> str:
    """Zero minutes would say that nothing is lost, and then it would be no finding."""
    _ = texts()
    if minutes_a_day is None:
        return _("no lost time measured")
    if minutes_a_day < 1:
        return _("less than 1 min a day")
    return _("{n} min a day").format(n=number(minutes_a_day))


def _draw_pipeline(pipeline: Pipeline) -> None:
    _ = texts()
    st.subheader(plain(pipeline.analysis))
    if pipeline.limit is None:
        st.caption(_("Not enough runs to say which stage limits its throughput."))
    else:
        st.markdown(
            _("**{stage}** limits it: {rate} runs an hour are done, {most} could be.").format(
                stage=plain(pipeline.limit or pipeline.analysis),
                rate=number(pipeline.throughput),
                most=number(pipeline.limiting.capacity) if pipeline.limiting else NO_VALUE,
            )
        )
    if not pipeline.stations:
        return
    stations = pipeline.stations
    draw_rows(
        {
            _("Stage"): [one.stage or one.analysis for one in stations],
            _("Busy"): [one.utilisation for one in stations],
            _("Workers"): [one.servers for one in stations],
            _("Arrive an hour"): [one.arrivals for one in stations],
            _("Could do an hour"): [one.capacity for one in stations],
            _("Takes"): [one.service_seconds for one in stations],
            _("Waits"): [one.wait_seconds for one in stations],
            _("Queue"): [_queue(one.queue_measured, one.queue) for one in stations],
            _("Errors"): [one.error_rate * 100 for one in stations],
        },
        column_config={
            _("Busy"): st.column_config.ProgressColumn(format="percent", max_value=1.0),
            _("Arrive an hour"): st.column_config.NumberColumn(format="%.1f"),
            _("Could do an hour"): st.column_config.NumberColumn(format="%.1f"),
            _("Takes"): seconds_column(),
            _("Waits"): seconds_column(),
            _("Queue"): st.column_config.NumberColumn(
                format="%.1f", help=_("As measured, else by Little's law: arrivals times wait")
            ),
            _("Errors"): st.column_config.NumberColumn(format="%.1f %%"),
        },
        key=f"stations-{pipeline.analysis}",
        alt=_("Stages of {name}: how busy, how fast, how long they wait").format(
            name=pipeline.analysis
        ),
    )
    _draw_reliefs(pipeline)


def _queue(measured: float | None, by_law: float | None) -> float | None:
    return by_law if measured is None else measured


def _draw_reliefs(pipeline: Pipeline) -> None:
    """What it would bring to make the limiting stage faster."""
    _ = texts()
    closed = _("{share} faster {stage}: {rate} runs an hour; then {next} limits")
    opened = _("{share} faster {stage}: room for {rate} runs an hour; then {next} limits")
    saved = _("{n} min of waiting less a day")
    lines = []
    for relief in (one for one in pipeline.reliefs if one.stage == pipeline.limit):
        template = closed if relief.regime is Regime.CLOSED else opened
        text = template.format(
            share=percent(relief.share),
            stage=plain(relief.stage or pipeline.analysis),
            rate=number(relief.capacity),
            next=plain(relief.limited_by or pipeline.analysis),
        )
        if relief.minutes_saved_a_day:
            text += f", {saved.format(n=number(relief.minutes_saved_a_day))}"
        lines.append(f"- {text}")
    if lines:
        st.markdown("\n".join(lines))


def _draw_resources(resources: Sequence[ResourceUse]) -> None:
    if not resources:
        return
    _ = texts()
    st.subheader(_("Resources"))
    share = st.column_config.ProgressColumn(format="percent", max_value=1.0)
    draw_rows(
        {
            _("Machine"): [one.machine for one in resources],
            _("Resource"): [one.resource for one in resources],
            _("Utilisation"): [one.utilisation for one in resources],
            _("p95"): [one.utilisation_p95 for one in resources],
            _("Saturation"): [one.saturation for one in resources],
            _("Time under strain"): [one.strained_share for one in resources],
            _("Errors"): [one.errors for one in resources],
        },
        column_config={
            **dict.fromkeys(
                (_("Utilisation"), _("p95"), _("Saturation"), _("Time under strain")), share
            ),
            _("Errors"): st.column_config.NumberColumn(format="%.0f"),
        },
        key="resources",
        alt=_("Utilisation, saturation and errors of each resource"),
    )
