"""Figures as plain dicts. Pure: what comes in is translated, what goes out is drawn by a page.

Several charts are one figure with a common time axis, so that one pointer reads all of them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from models.panels import Chart, Form
from models.traces import Floats, Trace

Figure = dict[str, Any]

# Okabe and Ito, as in .streamlit/config.toml.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")
ROW_PIXELS = 150
AXIS_PIXELS = 36
BINARY = ("B/s", "KiB/s", "MiB/s", "GiB/s", "TiB/s")
TIME_FORMATS = [
    {"dtickrange": [None, 60_000], "value": "%H:%M:%S"},
    {"dtickrange": [60_000, 86_400_000], "value": "%H:%M\n%m/%d"},
    {"dtickrange": [86_400_000, "M1"], "value": "%m/%d\n%Y"},
    {"dtickrange": ["M1", None], "value": "%Y-%m"},
]


class Window(NamedTuple):
    """What the time axis shows: [since, until) in UTC epoch seconds."""

    since: float
    until: float


def stack(charts: Sequence[Chart], window: Window, nothing: str, more: str) -> Figure:
    """Charts one above the other over one time axis.

    `nothing` stands in a chart without lines; `more` is "+{n} more" for lines without room.
    """
    rows = len(charts)
    height = rows * ROW_PIXELS + AXIS_PIXELS
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 4, "b": AXIS_PIXELS},
        "showlegend": False,
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "uirevision": "kept",
        "annotations": [],
        "xaxis": _time_axis(window, rows),
    }
    data: list[dict[str, Any]] = []
    for row, chart in enumerate(charts):
        suffix = "" if row == 0 else str(row + 1)
        scale = scale_of(chart)
        top = 1 - row / rows
        layout[f"yaxis{suffix}"] = _value_axis(chart, scale, top, rows)
        layout["annotations"] += _texts(chart, top, rows, nothing, more)
        for index, (label, trace) in enumerate(chart.lines):
            colour = COLOURS[index % len(COLOURS)]
            style = _Style(f"{chart.title} {label}".strip(), colour, f"y{suffix}", scale)
            data += _line(trace, style, chart.form)
    return {"data": data, "layout": layout}


class Scale(NamedTuple):
    """Values are divided by `divisor` and followed by `suffix`; the axis ends at `top`."""

    divisor: float
    suffix: str
    top: float
    tickformat: str


class _Style(NamedTuple):
    name: str
    colour: str
    axis: str
    scale: Scale


def scale_of(chart: Chart) -> Scale:
    peak = max((float(trace.high.max()) for _, trace in chart.lines), default=0.0)
    match chart.form:
        case Form.RATIO:
            # A calm machine must look calm: the axis never ends below a tenth.
            return Scale(1, "", 1.0 if peak > 0.4 else max(0.1, peak * 1.2), ".3~%")
        case Form.BYTES_PER_SECOND:
            power = min(int(np.log2(max(peak, 1.0)) // 10), len(BINARY) - 1)
            top = max(peak * 1.1, 1.0) / 1024.0**power
            return Scale(1024.0**power, f" {BINARY[power]}", top, ",.3~r")
        case Form.CELSIUS:
            return Scale(1, " °C", max(peak * 1.1, 60), ".3~r")
        case Form.WATT:
            return Scale(1, " W", max(peak * 1.1, 10), ".3~r")
        case Form.FLAG:
            return Scale(1, "", 1.1, ".0%")


def _time_axis(window: Window, rows: int) -> dict[str, Any]:
    return {
        "type": "date",
        # Plotly shows numbers as moments in the zone of the browser.
        "range": [window.since * 1000, window.until * 1000],
        "anchor": "y" if rows == 1 else f"y{rows}",
        "tickformatstops": TIME_FORMATS,
        "hoverformat": "%Y-%m-%d %H:%M:%S",
        "nticks": 8,
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
        "spikesnap": "cursor",
    }


def _value_axis(chart: Chart, scale: Scale, top: float, rows: int) -> dict[str, Any]:
    return {
        "anchor": "x",
        "domain": [top - 0.95 / rows, top - 0.2 / rows],
        "range": [0, scale.top],
        "tickformat": scale.tickformat,
        "ticksuffix": scale.suffix,
        "nticks": 4,
        "automargin": True,
        "fixedrange": True,
        "showticklabels": chart.form is not Form.FLAG,
    }


def _texts(chart: Chart, top: float, rows: int, nothing: str, more: str) -> list[dict[str, Any]]:
    """The title with the legend beside it, and the word for emptiness."""
    place = {"xref": "paper", "yref": "paper", "showarrow": False}
    marks = "".join(
        f"  <span style='color:{COLOURS[index % len(COLOURS)]}'>━</span> {_html(label)}"
        for index, (label, _) in enumerate(chart.lines)
        if label
    )
    rest = f"  {_html(more.format(n=chart.left_out))}" if chart.left_out else ""
    texts = [
        place
        | {
            "text": f"<b>{_html(chart.title)}</b>{marks}{rest}",
            "x": 0,
            "y": top,
            "xanchor": "left",
            "yanchor": "top",
        }
    ]
    if not chart.lines:
        texts.append(place | {"text": f"○ {_html(nothing)}", "x": 0.5, "y": top - 0.5 / rows})
    return texts


def _line(trace: Trace, style: _Style, form: Form) -> list[dict[str, Any]]:
    common = {"type": "scatter", "mode": "lines", "xaxis": "x", "yaxis": style.axis}
    values = trace.high if form is Form.FLAG else trace.mean
    x, y = joined(trace, values)
    line = common | {
        "x": x,
        "y": short(y / style.scale.divisor),
        "name": style.name,
        "line": {"width": 1.5, "color": style.colour, "shape": _shape(form)},
        "hovertemplate": f"%{{y:{style.scale.tickformat}}}{style.scale.suffix}",
    }
    if form is Form.FLAG or not trace.has_band:
        return [line]
    x, y = outline(trace)
    band = common | {
        "x": x,
        "y": short(y / style.scale.divisor),
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": faint(style.colour),
        "hoverinfo": "skip",
    }
    return [band, line]


def _shape(form: Form) -> str:
    return "hvh" if form is Form.FLAG else "linear"


def joined(trace: Trace, values: Floats) -> tuple[Floats, Floats]:
    """Moments (epoch milliseconds) and values, a NaN in each gap so that no line bridges it."""
    xs: list[Floats] = []
    ys: list[Floats] = []
    moments = trace.at * 1000.0
    for run in trace.runs():
        x, y = _drawable(moments[run], trace.bucket_seconds), values[run]
        xs += [x, np.array([np.nan])]
        ys += [y if len(x) == len(y) else np.repeat(y, 2), np.array([np.nan])]
    return np.concatenate(xs)[:-1], np.concatenate(ys)[:-1]


def outline(trace: Trace) -> tuple[Floats, Floats]:
    """The band as closed shapes: along the low values, back along the high ones, once a run."""
    xs: list[Floats] = []
    ys: list[Floats] = []
    moments = trace.at * 1000.0
    for run in trace.runs():
        x = _drawable(moments[run], trace.bucket_seconds)
        low, high = trace.low[run], trace.high[run]
        if len(low) == 1:
            low, high = np.repeat(low, 2), np.repeat(high, 2)
        xs += [x, x[::-1], np.array([np.nan])]
        ys += [low, high[::-1], np.array([np.nan])]
    return np.concatenate(xs)[:-1], np.concatenate(ys)[:-1]


def _drawable(start_ms: Floats, bucket_seconds: float) -> Floats:
    """The middles of the buckets; a bucket that stands alone is drawn as wide as it is."""
    if len(start_ms) == 1:
        return np.array([start_ms[0], start_ms[0] + bucket_seconds * 1000])
    return start_ms + bucket_seconds * 500


def short(values: Floats) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Single precision with 11 bits of fraction: exact to the eye, and smaller on the wire.

    >>> short(np.array([0.123456, np.nan])).tolist()
    [0.123443603515625, nan]
    """
    bits = values.astype(np.float32).view(np.int32)
    return (bits + np.int32(0x800) & np.int32(~0xFFF)).view(np.float32)


def faint(colour: str) -> str:
    """The colour of a band.

    >>> faint("#0072B2")
    'rgba(0,114,178,0.22)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.22)"


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
                    "bar": {"color": COLOURS[0]},
                    "threshold": {"value": 95, "line": {"color": "#D55E00", "width": 3}},
                },
            }
        ],
        "layout": {"height": 170, "margin": {"l": 24, "r": 24, "t": 40, "b": 8}},
    }
