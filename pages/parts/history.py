"""Charts of a machine over a span, drawn again by themselves."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from models.errors import AgentSilent, QueryRefused
from models.monitoring import SeriesKey
from models.panels import Panel, metrics_of
from models.spans import LIVE, Span
from models.traces import Trace
from pages.parts.charts import DARK, LIGHT, Texts, Window, stack
from pages.parts.export import csv_of
from pages.parts.house import home, zone
from pages.parts.panels import charts_of
from pages.parts.source import traces
from pages.parts.texts import plain, texts, told
from pages.parts.trouble import nobody_answers

CONFIG = {"displayModeBar": False, "displaylogo": False}


@dataclass(frozen=True, slots=True)
class Scene:
    """What is looked at: the panels of a machine, or of one of its parts, over a span."""

    machine: str
    panels: tuple[Panel, ...]
    span: Span
    belongs: Callable[[SeriesKey], bool] = lambda _: True

    def traces(self, folder: str) -> list[Trace]:
        """Raises AgentSilent and QueryRefused."""
        found = traces(folder, self.machine, metrics_of(self.panels), self.span)
        return [trace for trace in found if self.belongs(trace.key)]


def draw_history(scene: Scene, key: str, *, paused: bool) -> None:
    """The charts, and below them their values as a file."""

    @st.fragment(run_every=None if paused else scene.span.refresh_seconds)
    def charts() -> None:
        draw_charts(scene, key)

    charts()
    _ = texts()
    how = _(
        "A line is the mean, its band goes from the lowest to the highest value, and a gap is a "
        "time without values."
    )
    zoom = (
        ""
        if has_touch()
        else _("Drag to zoom, double-click to go back; while the page is paused, the zoom stays.")
    )
    st.caption(f"{how} {zoom}")
    folder, where = home(), zone()
    st.download_button(
        _("Values as CSV"),
        data=lambda: csv_file(scene, folder, where),
        file_name=f"sallim-{scene.machine}-{scene.span.key}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"csv-{key}",
    )


def csv_file(scene: Scene, folder: str, where: ZoneInfo) -> bytes:
    """Called when the button is pressed, outside of any run of the page."""
    return csv_of(scene.traces(folder), where)


def draw_charts(scene: Scene, key: str) -> None:
    _ = texts()
    try:
        found = scene.traces(home())
    except AgentSilent:
        st.info(_nobody(scene.span), icon=":material/hourglass_empty:")
        return
    except QueryRefused as refusal:
        st.error(_("The store did not answer: {reason}").format(reason=plain(str(refusal))))
        return
    if not found:
        st.info(_empty(scene.span), icon=":material/hourglass_empty:")
        return
    now = time.time()
    charts = charts_of(scene.panels, found)
    figure = stack(
        charts,
        window(now - scene.span.seconds, now),
        Texts(nothing=_("no values in this span"), more=_("+{n} more in the CSV")),
    )
    st.plotly_chart(
        figure,
        key=f"charts-{key}",
        config=CONFIG,
        alt=_("{charts} of {machine} over time: {span}").format(
            charts=", ".join(chart.title for chart in charts),
            machine=scene.machine,
            span=told(scene.span.title),
        ),
    )


def window(since: float, until: float) -> Window:
    place = zone()
    offsets = {datetime.fromtimestamp(moment, place).utcoffset() for moment in (since, until)}
    return Window(since, until, palette(), steady=len(offsets) == 1, zooms=not has_touch())


def has_touch() -> bool:
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def palette() -> tuple[str, ...]:
    """The first blue is too dark for a dark ground."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def _nobody(span: Span) -> str:
    _ = texts()
    if span == LIVE:
        return _(
            "The last minutes are in the agent's memory, and it does not answer. Longer spans "
            "show what was stored before."
        )
    return nobody_answers()


def _empty(span: Span) -> str:
    _ = texts()
    if span == LIVE:
        return _("No values yet. The first come within 10 seconds of the agent's start.")
    return _("Nothing is stored for this span yet. The agent stores a value every 10 seconds.")
