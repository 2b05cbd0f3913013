"""Runs over time as bars, and how long they took below; plain dicts, like the other figures."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pages.parts.charts import TIME_FORMATS, Figure

HEIGHT_PIXELS = 370
FAILED_COLOUR = "#D55E00"


class RunsTexts(NamedTuple):
    """In the reader's language."""

    succeeded: str
    failed: str
    median: str
    longest: str


def runs_figure(
    columns: Mapping[str, "np.ndarray[Any, Any]"],
    span: tuple[float, float],
    colours: Sequence[str],
    texts: RunsTexts,
) -> Figure:
    """`columns`: at_ms, successes, failures, median, longest (s). `span` is [since, until)."""
    x = columns["at_ms"]
    bars = [
        _bar(x, columns["successes"], texts.succeeded, colours[0]),
        _bar(x, columns["failures"], texts.failed, FAILED_COLOUR),
    ]
    lines = [
        _points(x, columns["longest"], texts.longest, colours[1], "lines"),
        _points(x, columns["median"], texts.median, colours[0], "lines+markers"),
    ]
    axis = {"rangemode": "tozero", "nticks": 4, "automargin": True, "fixedrange": True}
    layout = {
        "height": HEIGHT_PIXELS,
        "margin": {"l": 8, "r": 8, "t": 56, "b": 36},
        "barmode": "stack",
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hovermode": "x unified",
        "uirevision": "kept",
        "xaxis": {
            "type": "date",
            "range": [span[0] * 1000, span[1] * 1000],
            "tickformatstops": TIME_FORMATS,
            "hoverformat": "%Y-%m-%d %H:%M",
            "nticks": 8,
            "anchor": "y2",
        },
        "yaxis": {**axis, "domain": [0.55, 1.0], "tickformat": ",d"},
        "yaxis2": {**axis, "domain": [0.0, 0.42], "ticksuffix": " s"},
    }
    return {"data": [*bars, *lines], "layout": layout}


def _bar(x: Any, y: Any, name: str, colour: str) -> dict[str, Any]:
    return {"type": "bar", "x": x, "y": y, "name": name, "marker": {"color": colour}}


def _points(x: Any, y: Any, name: str, colour: str, mode: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "name": name,
        "mode": mode,
        "yaxis": "y2",
        "line": {"color": colour, "width": 1.5},
        "marker": {"size": 4},
        "hovertemplate": "%{y:.3~r} s",
    }
