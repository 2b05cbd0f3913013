"""Figures of the demand, as plain dicts. Pure: what comes in is translated and of one length.

Moments are UTC epoch seconds; Plotly shows them in the zone of the browser.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from models.traces import Floats
from pages.parts.charts import TIME_FORMATS, Figure
from pages.parts.costs_charts import BASE, MORE
from pages.parts.shapes import faint, short

AHEAD_PIXELS, PAST_PIXELS = 360, 320
NOW_COLOUR, NAIVE_COLOUR = "#7F7F7F", "#7F7F7F"
HOVER = "%{y:,.3~r}"


class Line(NamedTuple):
    """Values at moments, under a name in the reader's language; NaN where nothing is known."""

    name: str
    at: Floats
    values: Floats


class Band(NamedTuple):
    name: str
    at: Floats
    low: Floats
    high: Floats


class Look(NamedTuple):
    """Colours of the theme, whether a finger may zoom, and what stands behind a value."""

    colours: Sequence[str]
    zooms: bool = False
    prefix: str = ""
    suffix: str = ""


def ahead_figure(
    truth: Line, forecast: Line, bands: Sequence[Band], now: tuple[float, str], look: Look
) -> Figure:
    """What was measured, what comes after it, and how far it may be off.

    `bands` from the widest to the narrowest; `now` is the moment and its word.
    """
    data = _bands(bands, look)
    data += [
        _line(truth) | {"line": {"color": look.colours[0], "width": 2}},
        _line(forecast) | {"line": {"color": look.colours[1], "width": 2, "dash": "dash"}},
    ]
    ends = [float(forecast.at[-1])] if len(forecast.at) else []
    begins = [float(each.at[0]) for each in (truth, forecast) if len(each.at)]
    layout = _layout(AHEAD_PIXELS, (min(begins, default=now[0]), max(ends, default=now[0])), look)
    return {"data": data, "layout": layout | _now(now)}


def past_figure(
    truth: Line, forecast: Line, naive: Line, bands: Sequence[Band], look: Look
) -> Figure:
    """What was forecast against what came true, with what the last day alone would have said."""
    data = _bands(bands, look)
    data += [
        _line(naive) | {"line": {"color": NAIVE_COLOUR, "width": 1, "dash": "dot"}},
        _line(forecast) | {"line": {"color": look.colours[1], "width": 1.5}},
        _line(truth) | {"line": {"color": look.colours[0], "width": 2}},
    ]
    return {"data": data, "layout": _layout(PAST_PIXELS, _span([truth, forecast]), look)}


def compared_figure(truth: Line, forecasts: Sequence[Line], look: Look) -> Figure:
    """What each recipe makes of the same history."""
    shades = [*look.colours[1:], *(shade for shade in MORE if shade not in look.colours)]
    data = [_line(truth) | {"line": {"color": look.colours[0], "width": 2}}]
    data += [
        _line(each) | {"line": {"color": shades[place % len(shades)], "width": 1.5, "dash": "dash"}}
        for place, each in enumerate(forecasts)
    ]
    return {"data": data, "layout": _layout(PAST_PIXELS, _span([truth, *forecasts]), look)}


def steps_figure(lines: Sequence[Line], look: Look) -> Figure:
    """Counts of machines, each from its moment on; the first one stands out."""
    shades = [*look.colours, *(shade for shade in MORE if shade not in look.colours)]
    data = [
        _line(each)
        | {
            "line": {
                "color": shades[place % len(shades)],
                "width": 1.5 if place else 2.5,
                "shape": "hv",
            }
        }
        for place, each in enumerate(lines)
    ]
    # The first is what is asked about: it lies on the others.
    return {"data": [*data[1:], *data[:1]], "layout": _layout(PAST_PIXELS, _span(lines), look)}


def _line(line: Line) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": line.at * 1000,
        "y": short(line.values),
        "name": html(line.name),
        "hovertemplate": HOVER,
    }


def _bands(bands: Sequence[Band], look: Look) -> list[dict[str, Any]]:
    return [
        part
        for place, band in enumerate(bands)
        for part in _band(band, look.colours[1], strong=bool(place))
    ]


def _band(band: Band, colour: str, *, strong: bool) -> list[dict[str, Any]]:
    """Two lines, and what lies between them."""
    hidden = {"line": {"width": 0, "color": colour}, "hoverinfo": "skip"}
    lower = _line(Line("", band.at, band.low)) | hidden | {"showlegend": False}
    upper = _line(Line(band.name, band.at, band.high)) | hidden | {"fill": "tonexty"}
    upper["fillcolor"] = faint(colour) if strong else faint(colour).replace("0.22", "0.13")
    for line in (lower, upper):
        line.pop("hovertemplate")
    return [lower, upper]


def _layout(pixels: int, span: tuple[float, float], look: Look) -> dict[str, Any]:
    return BASE | {
        "height": pixels,
        "dragmode": "zoom" if look.zooms else False,
        "xaxis": {
            "type": "date",
            "range": [span[0] * 1000, span[1] * 1000],
            "tickformatstops": TIME_FORMATS,
            "hoverformat": "%Y-%m-%d %H:%M",
            "nticks": 8,
            "fixedrange": not look.zooms,
        },
        "yaxis": {
            "rangemode": "tozero",
            "nticks": 6,
            "tickprefix": look.prefix,
            "ticksuffix": look.suffix,
            "tickformat": ",.3~r",
            "automargin": True,
            "fixedrange": True,
        },
    }


def _now(now: tuple[float, str]) -> dict[str, Any]:
    at = now[0] * 1000
    place: Mapping[str, Any] = {"x": at, "y": 1, "yref": "paper"}
    line = {"color": NOW_COLOUR, "width": 1, "dash": "dot"}
    label = {"text": html(now[1]), "showarrow": False, "xanchor": "left", "yanchor": "top"}
    return {
        "shapes": [
            {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line}
        ],
        "annotations": [{**place, **label, "font": {"size": 10}}],
    }


def _span(lines: Sequence[Line]) -> tuple[float, float]:
    known = [line.at for line in lines if len(line.at)]
    if not known:
        return 0.0, 1.0
    return min(float(at[0]) for at in known), max(float(at[-1]) for at in known)


def html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def moments(start_at: float, step_seconds: float, count: int) -> Floats:
    """Where steps stand in a figure: in their middles."""
    middles: Floats = start_at + step_seconds * (np.arange(count, dtype=np.float64) + 0.5)
    return middles


def floats(values: Sequence[float | None]) -> Floats:
    """None becomes NaN: a hole in the line.

    >>> floats([1.0, None]).tolist()
    [1.0, nan]
    """
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
