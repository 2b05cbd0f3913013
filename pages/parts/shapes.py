"""Points of lines and bands, as Plotly wants them: gaps stay gaps, and few bytes. Pure."""

from typing import Any

import numpy as np

from models.traces import Floats, Trace


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
