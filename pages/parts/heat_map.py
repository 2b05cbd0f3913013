"""A heat map of answer times: one row an endpoint, one column a bucket of time. Pure."""

from collections.abc import Sequence

import numpy as np

from models.traces import Trace
from pages.parts.charts import TIME_FORMATS, Figure

COLUMNS_MAX = 120
ROW_PIXELS, FRAME_PIXELS = 26, 70
SCALE = [[0.0, "#D7ECF7"], [0.35, "#56B4E9"], [0.6, "#E69F00"], [0.8, "#D55E00"], [1.0, "#7A1F00"]]
"""From fast to slow; told apart without red and green."""
SECONDS = (0.001, 10.0)
"""The colours stand for the same times whatever is shown: 1 ms to 10 s, by powers of ten."""
HOVER = "%{y}<br>%{x|%Y-%m-%d %H:%M}<br>%{customdata:.3~s}s<extra></extra>"
TICKS = {0.001: "1 ms", 0.01: "10 ms", 0.1: "0.1 s", 1.0: "1 s", 10.0: "10 s"}


def heat_map(traces: Sequence[Trace], span: tuple[float, float]) -> Figure:
    """`span` is [since, until) in UTC epoch seconds; what was not measured stays empty."""
    named = sorted(traces, key=name_of, reverse=True)
    edges = np.linspace(*span, COLUMNS_MAX + 1)
    rows = [_row(trace, edges) for trace in named]
    values = np.array(rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.log10(np.clip(values, *SECONDS))
    low, high = (float(np.log10(limit)) for limit in SECONDS)
    return {
        "data": [
            {
                "type": "heatmap",
                "x": (edges[:-1] + edges[1:]) / 2 * 1000,
                "y": [name_of(trace) for trace in named],
                "z": powers,
                "customdata": values,
                "zmin": low,
                "zmax": high,
                "colorscale": SCALE,
                "xgap": 1,
                "ygap": 2,
                "hovertemplate": HOVER,
                "colorbar": {
                    "tickvals": [float(np.log10(seconds)) for seconds in TICKS],
                    "ticktext": list(TICKS.values()),
                    "thickness": 10,
                    "outlinewidth": 0,
                },
            }
        ],
        "layout": {
            "height": FRAME_PIXELS + ROW_PIXELS * len(named),
            "margin": {"l": 8, "r": 8, "t": 8, "b": 36},
            "uirevision": "kept",
            "xaxis": {
                "type": "date",
                "range": [span[0] * 1000, span[1] * 1000],
                "tickformatstops": TIME_FORMATS,
                "nticks": 8,
            },
            "yaxis": {"automargin": True, "fixedrange": True, "type": "category"},
        },
    }


def name_of(trace: Trace) -> str:
    return dict(trace.key.labels).get("source", trace.key.name)


def _row(trace: Trace, edges: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> list[float]:
    """The slowest of each column: a mean would hide what people waited for."""
    places = np.searchsorted(edges, trace.at, side="right") - 1
    row = np.full(len(edges) - 1, np.nan)
    for place, high in zip(places, trace.high, strict=True):
        if 0 <= place < len(row):
            row[place] = np.fmax(row[place], high)
    return [float(value) for value in row]
