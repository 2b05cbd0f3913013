"""A series over time, as a chart or a table needs it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from models.live import USUAL_INTERVAL_SECONDS, LiveSeries
from models.monitoring import SeriesKey

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Buckets in order of time. `at` is their start in UTC epoch seconds.

    `low` and `high` are the extremes of each bucket; they equal `mean` where one value stands
    for itself. Two neighbours further apart than `gap_seconds` have a gap between them.
    `bucket_seconds` is the width of a bucket.
    """

    key: SeriesKey
    unit: str
    at: Floats
    mean: Floats
    low: Floats
    high: Floats
    bucket_seconds: float
    gap_seconds: float

    @property
    def spread(self) -> float:
        """How far the extremes of a bucket are apart at most."""
        return float((self.high - self.low).max())

    def runs(self) -> list[slice]:
        """The stretches without a gap, in order."""
        if len(self.at) == 0:
            return []
        ends = np.flatnonzero(np.diff(self.at) > self.gap_seconds) + 1
        edges = [0, *ends.tolist(), len(self.at)]
        return [slice(a, b) for a, b in pairwise(edges)]


def thinned(at: Floats, values: Floats, bucket_seconds: float) -> tuple[Floats, ...]:
    """Start, mean, low and high of the buckets that hold values.

    Buckets begin at multiples of their width, so that a chart does not flicker as time goes on.

    >>> at, mean, low, high = thinned(np.array([0.0, 1, 9]), np.array([1.0, 3, 8]), 3)
    >>> at.tolist(), mean.tolist(), low.tolist(), high.tolist()
    ([0.0, 9.0], [2.0, 8.0], [1.0, 8.0], [3.0, 8.0])
    """
    if len(at) == 0:
        nothing = np.empty(0)
        return nothing, nothing, nothing, nothing
    bucket = np.floor(at / bucket_seconds)
    starts = np.flatnonzero(np.r_[True, np.diff(bucket) != 0])
    counts = np.diff(np.r_[starts, len(at)])
    return (
        bucket[starts] * bucket_seconds,
        np.add.reduceat(values, starts) / counts,
        np.minimum.reduceat(values, starts),
        np.maximum.reduceat(values, starts),
    )


GAP_INTERVALS = 3
"""More intervals of its source than that between two live values are a gap."""


def trace_of_live(series: LiveSeries, bucket_seconds: float) -> Trace:
    """The history that came with a live answer, thinned to buckets of that width.

    A bucket of few seconds holds one value or two, so it has no extremes worth a band.
    """
    at, mean, *_ = thinned(
        np.asarray(series.history_at, float), np.asarray(series.history, float), bucket_seconds
    )
    gap_seconds = GAP_INTERVALS * max(series.every_seconds, USUAL_INTERVAL_SECONDS)
    return Trace(series.key, series.unit, at, mean, mean, mean, bucket_seconds, gap_seconds)
