"""The analyses: how many get through, how well, how fast; and one of them stage by stage."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from models.analyses import AnalysisSummary, Failure, Running, StageSummary
from models.spans import Span
from pages.parts.analysis_source import buckets_over, failures_over, running_over
from pages.parts.beats import in_words
from pages.parts.formats import duration, moment, number
from pages.parts.history import CONFIG, palette
from pages.parts.house import home, zone
from pages.parts.runs_chart import RunsTexts, runs_figure
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import (
    NO_VALUE,
    draw_plain_tiles,
    draw_rows,
    seconds_column,
    share_or_dash,
    time_or_dash,
)

GOOD, BEARABLE = 0.99, 0.9
FAILURES_SHOWN = 10
RUNNING_SHOWN = 10


def draw_analyses(summaries: Sequence[AnalysisSummary], now: float) -> None:
    _ = texts()
    seconds = seconds_column()
    draw_rows(
        {
            _("State"): [state_of(one) for one in summaries],
            _("Analysis"): [one.analysis for one in summaries],
            _("Runs"): [list(one.trend) for one in summaries],
            _("Count"): [one.runs for one in summaries],
            _("Success"): [_hundredths(one.success_rate) for one in summaries],
            _("Running"): [one.running for one in summaries],
            _("Queued"): [one.queued for one in summaries],
            _("Median"): [one.median_seconds for one in summaries],
            _("p95"): [one.p95_seconds for one in summaries],
            _("Wait p95"): [one.wait_p95_seconds for one in summaries],
            _("Last success"): [in_words(one.last_success_at, now) for one in summaries],
        },
        column_config={
            _("Runs"): st.column_config.BarChartColumn(y_min=0, width="small"),
            _("Success"): st.column_config.NumberColumn(format="%.1f %%"),
            **dict.fromkeys((_("Median"), _("p95"), _("Wait p95")), seconds),
        },
        key="analyses",
        alt=_("Analyses with their runs, success and durations"),
    )


def state_of(summary: AnalysisSummary) -> str:
    """Icon and word by the share that succeeds."""
    _ = texts()
    rate = summary.success_rate
    if rate is None:
        (_colour, icon), word = UNKNOWN, _("not known")
    elif rate >= GOOD:
        (_colour, icon), word = FINE, _("works")
    elif rate >= BEARABLE:
        (_colour, icon), word = WATCH, _("some fail")
    else:
        (_colour, icon), word = HIGH, _("many fail")
    return f"{icon} {word}"


def draw_analysis(summary: AnalysisSummary, span: Span, now: float) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    hours = span.seconds / 3_600
    draw_plain_tiles(
        [
            (_("Throughput"), _("{n} an hour").format(n=number(summary.runs / hours))),
            (_("Success"), share_or_dash(summary.success_rate)),
            (_("Median duration"), time_or_dash(summary.median_seconds)),
            (_("95 % take at most"), time_or_dash(summary.p95_seconds)),
            (_("95 % wait at most"), time_or_dash(summary.wait_p95_seconds)),
            (_("Running and queued"), f"{summary.running} + {summary.queued}"),
        ]
    )
    columns = buckets_over(home(), summary.analysis, span)
    if len(columns["at_ms"]):
        figure = runs_figure(
            {
                "at_ms": columns["at_ms"],
                "successes": columns["succeeded"],
                "failures": columns["failed"],
                "median": columns["median_seconds"],
                "longest": columns["p95_seconds"],
            },
            (now - span.seconds, now),
            palette(),
            RunsTexts(_("succeeded"), _("failed"), _("median duration"), _("95 % take at most")),
        )
        alt = _("Runs and durations of {name} over time").format(name=summary.analysis)
        st.plotly_chart(figure, key=f"analysis-{summary.analysis}", config=CONFIG, alt=alt)
    _draw_stages(summary.stages)
    _draw_running(running_over(home(), summary.analysis, span), now)
    _draw_failures(failures_over(home(), summary.analysis, span))


def _draw_stages(stages: Sequence[StageSummary]) -> None:
    if not any(stage.stage for stage in stages):
        return
    _ = texts()
    st.subheader(_("Stages"))
    total = sum(stage.busy_seconds for stage in stages) or 1.0
    seconds = seconds_column()
    columns: dict[str, list[Any]] = {
        _("Stage"): [stage.stage for stage in stages],
        _("Share of time"): [stage.busy_seconds / total for stage in stages],
        _("Count"): [stage.runs for stage in stages],
        _("Success"): [_hundredths(stage.success_rate) for stage in stages],
        _("Median"): [stage.median_seconds for stage in stages],
        _("p95"): [stage.p95_seconds for stage in stages],
        _("Wait p95"): [stage.wait_p95_seconds for stage in stages],
        _("Queued"): [stage.queued for stage in stages],
    }
    draw_rows(
        columns,
        column_config={
            _("Share of time"): st.column_config.ProgressColumn(format="percent"),
            _("Success"): st.column_config.NumberColumn(format="%.1f %%"),
            **dict.fromkeys((_("Median"), _("p95"), _("Wait p95")), seconds),
        },
        key="stages",
        alt=_("Stages by the time they take"),
    )


def _draw_running(running: Sequence[Running], now: float) -> None:
    if not running:
        return
    _ = texts()
    st.subheader(_("In hand"))
    runs, waits = _("runs for {time}"), _("waits for {time}")
    lines = []
    for one in running[:RUNNING_SHOWN]:
        since = one.started_at if one.started_at is not None else one.queued_at
        lasting = "" if since is None else told(duration(max(0.0, now - since)))
        how = (waits if one.started_at is None else runs).format(time=lasting)
        name = plain(one.key or one.id)
        lines.append(" · ".join(part for part in (f"**{name}**", plain(one.stage), how) if part))
    st.markdown("  \n".join(lines))


def _draw_failures(failures: Sequence[Failure]) -> None:
    _ = texts()
    st.subheader(_("Last failures"))
    if not failures:
        st.caption(_("None is known."))
        return
    gone = _("its process was gone before it ended")
    lines = []
    for failure in told_once(failures)[:FAILURES_SHOWN]:
        said = plain(failure.error) or (gone if failure.abandoned else NO_VALUE)
        mark = badge(HIGH, moment(failure.failed_at, zone()))
        parts = [
            f"{mark} **{plain(failure.key or failure.id)}**",
            plain(failure.stage),
            plain(failure.host),
            said,
        ]
        lines.append(" · ".join(part for part in parts if part))
    st.markdown("  \n".join(lines))


def told_once(failures: Sequence[Failure]) -> list[Failure]:
    """A stage that failed says more than the whole that failed with it."""
    staged = {(one.analysis, one.key) for one in failures if one.stage and one.key}
    return [one for one in failures if one.stage or (one.analysis, one.key) not in staged]


def _hundredths(share: float | None) -> float | None:
    return None if share is None else share * 100
