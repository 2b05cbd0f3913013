"""Figures as plain dicts. Pure: what comes in is translated, what goes out is drawn by a page.

Several charts are one figure with a common time axis, so that one pointer reads all of them.
"""

from collections.abc import Sequence
from itertools import cycle
from typing import Any, NamedTuple

from models.panels import Chart, Form
from models.traces import Trace
from pages.parts.scales import Scale, scale_of
from pages.parts.shapes import band_points, faint, line_points

Figure = dict[str, Any]

# Okabe and Ito, as in .streamlit/config.toml.
LIGHT = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")
DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7")
ROW_PIXELS = 150
AXIS_PIXELS = 36
BAND_MIN = 0.005
"""A band that is nowhere higher than this share of its chart cannot be seen, and is not sent."""
TIME_FORMATS = [
    {"dtickrange": [None, 60_000], "value": "%H:%M:%S"},
    {"dtickrange": [60_000, 86_400_000], "value": "%H:%M\n%m/%d"},
    {"dtickrange": [86_400_000, "M1"], "value": "%m/%d\n%Y"},
    {"dtickrange": ["M1", None], "value": "%Y-%m"},
]


class Window(NamedTuple):
    """What the time axis shows: [since, until) in UTC epoch seconds; and on what ground."""

    since: float
    until: float
    colours: tuple[str, ...] = LIGHT
    steady: bool = True
    """False where the clocks change to or from summer time in between."""
    zooms: bool = True
    """False where a finger that moves means to scroll the page."""


class Texts(NamedTuple):
    """In the reader's language: for a chart without lines, and "+{n} more" for lines left out."""

    nothing: str
    more: str


class _Row(NamedTuple):
    """One chart in its place; `top` is where it begins, as a share of the figure's height."""

    chart: Chart
    scale: Scale
    top: float
    height: float
    axis: str


class _Look(NamedTuple):
    colour: str
    steady: bool


def stack(charts: Sequence[Chart], window: Window, texts: Texts) -> Figure:
    """Charts one above the other over one time axis."""
    height = 1 / len(charts)
    rows = [
        _Row(chart, scale_of(chart), 1 - index * height, height, f"y{index + 1 if index else ''}")
        for index, chart in enumerate(charts)
    ]
    layout: dict[str, Any] = {
        "height": len(rows) * ROW_PIXELS + AXIS_PIXELS,
        "margin": {"l": 8, "r": 8, "t": 4, "b": AXIS_PIXELS},
        "showlegend": False,
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "uirevision": "kept",
        "dragmode": "zoom" if window.zooms else False,
        "annotations": [text for row in rows for text in _texts(row, window.colours, texts)],
        "xaxis": _time_axis(window, rows[-1].axis),
    }
    layout |= {row.axis.replace("y", "yaxis"): _value_axis(row) for row in rows}
    data = [
        drawn
        for row in rows
        for (label, trace), colour in zip(row.chart.lines, cycle(window.colours), strict=False)
        for drawn in _drawn(
            trace, row, _html(f"{row.chart.title} {label}".strip()), _Look(colour, window.steady)
        )
    ]
    return {"data": data, "layout": layout}


def _time_axis(window: Window, anchor: str) -> dict[str, Any]:
    return {
        "type": "date",
        # Plotly shows numbers as moments in the zone of the browser.
        "range": [window.since * 1000, window.until * 1000],
        "anchor": anchor,
        "fixedrange": not window.zooms,
        "tickformatstops": TIME_FORMATS,
        "hoverformat": "%Y-%m-%d %H:%M:%S",
        "nticks": 8,
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
        "spikesnap": "cursor",
    }


def _value_axis(row: _Row) -> dict[str, Any]:
    return {
        "anchor": "x",
        "domain": [row.top - 0.95 * row.height, row.top - 0.2 * row.height],
        "range": [0, row.scale.top],
        "tickformat": row.scale.tickformat,
        "ticksuffix": row.scale.suffix,
        "nticks": 4,
        "automargin": True,
        "fixedrange": True,
    }


def _texts(row: _Row, colours: Sequence[str], texts: Texts) -> list[dict[str, Any]]:
    """The title with the legend beside it, and the word for emptiness."""
    chart = row.chart
    marks = "".join(
        f"  <span style='color:{colour}'>━</span> {_html(label)}"
        for (label, _), colour in zip(chart.lines, cycle(colours), strict=False)
        if label
    )
    rest = f"  {_html(texts.more.format(n=chart.left_out))}" if chart.left_out else ""
    place = {"xref": "paper", "yref": "paper", "showarrow": False}
    title = place | {
        "text": f"<b>{_html(chart.title)}</b>{marks}{rest}",
        "x": 0,
        "y": row.top,
        "xanchor": "left",
        "yanchor": "top",
    }
    if chart.lines:
        return [title]
    middle = {"text": f"○ {_html(texts.nothing)}", "x": 0.5, "y": row.top - 0.5 * row.height}
    return [title, place | middle]


def _drawn(trace: Trace, row: _Row, name: str, look: _Look) -> list[dict[str, Any]]:
    """The band first, so that the line lies on it."""
    scale, is_flag = row.scale, row.chart.form is Form.FLAG
    common = {"type": "scatter", "mode": "lines", "xaxis": "x", "yaxis": row.axis}
    style = {
        "name": name,
        "line": {"width": 1.5, "color": look.colour, "shape": "hvh" if is_flag else "linear"},
        "hovertemplate": f"%{{y:{scale.tickformat}}}{scale.suffix}",
    }
    parts = line_points(trace, trace.mean / scale.divisor, steady=look.steady)
    lines = [common | style | points for points in parts]
    # A flag has no extremes worth a band: its mean is the share of time in which it was set.
    if is_flag or trace.spread < BAND_MIN * scale.top * scale.divisor:
        return lines
    hidden = common | {"line": {"width": 0}, "hoverinfo": "skip"}
    band = [
        hidden | points | ({"fill": fill, "fillcolor": faint(look.colour)} if fill else {})
        for points, fill in band_points(trace, scale.divisor, steady=look.steady)
    ]
    return [*band, *lines]


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def gauge(ratio: float, text: str) -> Figure:
    """How full something is, for what really ends at a limit."""
    return {
        "data": [
            {
                "type": "indicator",
                "mode": "gauge+number",
                "value": round(ratio * 100, 1),
                "number": {"suffix": "%", "font": {"size": 26}},
                "title": {"text": _html(text), "font": {"size": 13}},
                "gauge": {
                    "axis": {"range": [0, 100], "nticks": 5},
                    "bar": {"color": LIGHT[0]},
                    "threshold": {"value": 95, "line": {"color": "#D55E00", "width": 3}},
                },
            }
        ],
        "layout": {"height": 200, "margin": {"l": 24, "r": 24, "t": 64, "b": 8}},
    }
