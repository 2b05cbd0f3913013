"""Points of lines and bands, as Plotly wants them: gaps stay gaps, and few bytes. Pure."""

from typing import Any

import numpy as np

from models.traces import Floats, Trace

Points = dict[str, Any]
"""The keys `y` and either `x` (UTC epoch milliseconds) or `x0` and `dx`, as a figure has them."""

SHAPES_MAX = 8
"""A band with more gaps than this is one outline instead of a pair of lines for each run."""


def line_points(trace: Trace, values: Floats, *, steady: bool) -> list[Points]:
    """A line with a hole in each gap, so that no gap is bridged; what stands alone comes apart.

    Buckets follow one another, so their moments need not be sent: on a `steady` clock, one that
    does not change to or from summer time within the span.
    """
    if not steady or not _is_regular(trace):
        return [_along(trace, values, trace.runs())]
    places = np.round((trace.at - trace.at[0]) / trace.bucket_seconds).astype(int)
    y = np.full(places[-1] + 1, np.nan)
    y[places] = values
    lonely = [run for run in trace.runs() if _length(run) == 1]
    apart = [_along(trace, values, lonely)] if lonely else []
    return [_start(trace, 0) | {"y": short(y)}, *apart]


def band_points(trace: Trace, divisor: float, *, steady: bool) -> list[tuple[Points, str | None]]:
    """The lines of a band, and how each is filled: pairs of low and high, or closed outlines."""
    runs = trace.runs()
    if not steady or not _is_regular(trace) or len(runs) > SHAPES_MAX:
        return [(_around(trace, divisor, runs), "toself")]
    lonely = [run for run in runs if _length(run) == 1]
    apart = [(_around(trace, divisor, lonely), "toself")] if lonely else []
    pairs = [
        (_start(trace, run.start) | {"y": short(values[run] / divisor)}, fill)
        for run in runs
        if _length(run) > 1
        for values, fill in ((trace.low, None), (trace.high, "tonexty"))
    ]
    return [*pairs, *apart]


def _along(trace: Trace, values: Floats, runs: list[slice]) -> Points:
    """The runs one after the other, each with its moments."""
    xs: list[Floats] = []
    ys: list[Floats] = []
    for run in runs:
        x = _drawable(trace, run)
        xs += [x, np.array([np.nan])]
        ys += [np.resize(values[run], len(x)), np.array([np.nan])]
    return {"x": np.concatenate(xs)[:-1], "y": short(np.concatenate(ys)[:-1])}


def _around(trace: Trace, divisor: float, runs: list[slice]) -> Points:
    """Closed shapes: along the low values, back along the high ones, once a run."""
    xs: list[Floats] = []
    ys: list[Floats] = []
    for run in runs:
        x = _drawable(trace, run)
        low, high = np.resize(trace.low[run], len(x)), np.resize(trace.high[run], len(x))
        xs += [x, x[::-1], np.array([np.nan])]
        ys += [low, high[::-1], np.array([np.nan])]
    return {"x": np.concatenate(xs)[:-1], "y": short(np.concatenate(ys)[:-1] / divisor)}


def _is_regular(trace: Trace) -> bool:
    """Whether a bucket without values is a gap: not so for what comes in at its own pace."""
    return trace.gap_seconds < 2 * trace.bucket_seconds


def _length(run: slice) -> int:
    length: int = run.stop - run.start
    return length


def _start(trace: Trace, first: int) -> Points:
    middle = trace.at[first] + trace.bucket_seconds / 2
    return {"x0": float(middle * 1000), "dx": trace.bucket_seconds * 1000}


def _drawable(trace: Trace, run: slice) -> Floats:
    """The middles of the buckets; a bucket that stands alone is drawn as wide as it is."""
    start = trace.at[run]
    if len(start) == 1:
        return np.array([start[0], start[0] + trace.bucket_seconds]) * 1000
    return (start + trace.bucket_seconds / 2) * 1000


def short(values: Floats) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Single precision with 10 bits of fraction: exact to the eye, and smaller on the wire.

    >>> short(np.array([0.123456, np.nan])).tolist()
    [0.12347412109375, nan]
    """
    bits = values.astype(np.float32).view(np.int32)
    return (bits + np.int32(0x1000) & np.int32(~0x1FFF)).view(np.float32)


def faint(colour: str) -> str:
    """The colour of a band.

    >>> faint("#0072B2")
    'rgba(0,114,178,0.22)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.22)"
