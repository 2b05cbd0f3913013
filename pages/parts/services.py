"""The tab `services`: what must answer, and how fast it does; exporters, models, heartbeats."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models.errors import AgentSilent, QueryRefused
from models.messages import Message
from models.monitoring import State
from models.spans import Span
from models.views import View
from pages.parts.beats import draw_beats, in_words
from pages.parts.formats import duration, size
from pages.parts.heat_map import heat_map
from pages.parts.history import CONFIG
from pages.parts.house import home
from pages.parts.source import traces
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge, source_line
from pages.parts.texts import plain, texts, told
from pages.parts.trouble import draw_trouble
from pages.parts.values import draw_rows

DURATION = ("http.check.duration",)
Details = Mapping[str, Any]


def draw_services(view: View, details: Details, now: float) -> bool:
    """Tables of what is known now; False when there is nothing at all."""
    endpoints = {n: d for n, d in details.items() if n.startswith("endpoint:")}
    beats = details.get("beats", {}).get("beats", ())
    if endpoints:
        _draw_endpoints(endpoints, now)
    exporters = _draw_lines(view, details, "scrape")
    models = _draw_lines(view, details, "ollama")
    if beats:
        draw_beats(beats, now)
    return bool(endpoints or beats or exporters or models)


def _draw_endpoints(endpoints: Details, now: float) -> None:
    _ = texts()
    st.subheader(_("Endpoints"))
    order = sorted(endpoints, key=lambda name: (endpoints[name].get("up") is not False, name))
    found = [endpoints[name] for name in order]
    draw_rows(
        {
            _("State"): [_up(detail) for detail in found],
            _("Endpoint"): [name.partition(":")[2] for name in order],
            _("Address"): [detail.get("url") for detail in found],
            _("Since"): [in_words(detail.get("since_at"), now) for detail in found],
            _("Status"): [detail.get("status") or None for detail in found],
            **{
                title: [_milliseconds(detail, step) for detail in found]
                for title, step in (
                    (_("Connect"), "connect"),
                    (_("First byte"), "first_byte"),
                    (_("Total"), "total"),
                )
            },
            _("Certificate"): [detail.get("certificate_days") for detail in found],
        },
        column_config={
            **dict.fromkeys(
                (_("Connect"), _("First byte"), _("Total")),
                st.column_config.NumberColumn(format="%.1f ms"),
            ),
            _("Certificate"): st.column_config.NumberColumn(format=_("%d d")),
            _("Status"): st.column_config.NumberColumn(format="%d"),
        },
        key="endpoints",
        alt=_("Endpoints, those that are down first"),
    )
    for name, detail in zip(order, found, strict=True):
        if isinstance(detail.get("problem"), Mapping):
            what = told(Message.from_json(detail["problem"]))
            mark = badge(HIGH if detail.get("up") is False else WATCH, plain(name[9:]))
            st.markdown(f"{mark} {what}")


def _up(detail: Details) -> str:
    _ = texts()
    words = {None: (UNKNOWN, _("not known")), True: (FINE, _("up")), False: (HIGH, _("down"))}
    (_colour, icon), word = words[detail.get("up")]
    return f"{icon} {word}"


def _milliseconds(detail: Details, step: str) -> float | None:
    seconds = detail.get("times", {}).get(step)
    return None if seconds is None else seconds * 1000


def _draw_lines(view: View, details: Details, kind: str) -> bool:
    """One line for each exporter or Ollama: how it is, and what it brings."""
    _ = texts()
    sources = [source for source in view.live.sources if source.kind == kind] if view.live else []
    if not sources:
        return False
    st.subheader(_("Exporters") if kind == "scrape" else "Ollama")
    lines = []
    for source in sources:
        detail = details.get(source.name, {})
        says = _exporter(detail) if kind == "scrape" else _models(detail)
        line = source_line(source)
        lines.append(f"{line} · {says}" if says and source.state is State.PRESENT else line)
    st.markdown("  \n".join(lines))
    return True


def _exporter(detail: Details) -> str:
    _ = texts()
    if not detail:
        return ""
    what = " ".join(plain(str(detail.get(key) or "")) for key in ("exporter", "version")).strip()
    samples = _("{n} samples in {time}").format(
        n=detail.get("samples", 0),
        time=told(duration(float(detail.get("duration_seconds") or 0.0))),
    )
    return f"{what} · {samples}" if what else samples


def _models(detail: Details) -> str:
    _ = texts()
    models = detail.get("models", ())
    if not models:
        return _("no model is loaded")
    return ", ".join(
        f"{plain(str(model['name']))} ({size(float(model.get('size_bytes') or 0))})"
        for model in models
    )


def draw_heat_map(machine: str, span: Span, now: float) -> None:
    """How long each endpoint took over the span; the darker the slower."""
    _ = texts()
    try:
        found = traces(home(), machine, DURATION, span)
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)
        return
    totals = [trace for trace in found if dict(trace.key.labels).get("step") == "total"]
    if not totals:
        return
    st.subheader(_("How fast they answer"))
    figure = heat_map(totals, (now - span.seconds, now))
    alt = _("Answer time of each endpoint over time")
    st.plotly_chart(figure, key="heat-map", config=CONFIG, alt=alt)
