"""What is put where nothing was measured."""

import numpy as np
from numpy.typing import NDArray

from models.demand.local import offset_seconds

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

DAY_SECONDS = 86_400
SHORT_SECONDS = 3 * 3_600
"""A gap of at most so long is bridged by a straight line."""


def runs(marked: Truths) -> list[tuple[int, int]]:
    """Half-open spans of what is marked.

    >>> runs(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def filled(values: Floats, start_at: int, step_seconds: int, zone: str) -> Floats:
    """Without NaN; the first value is measured (forecasting.md, 9.2).

    Up to three hours between two values by a straight line. What is longer, or still open, by the
    same hour of last week in the zone of the house, else of yesterday, else by the median of the
    hour, else of all.
    """
    result = values.copy()
    gaps = runs(np.isnan(values))
    for since, until in gaps:
        if (until - since) * step_seconds <= SHORT_SECONDS and until < len(values):
            result[since:until] = np.interp(
                np.arange(since, until), (since - 1, until), (result[since - 1], values[until])
            )
    for since, until in gaps:
        for step in range(since, until):
            if np.isnan(result[step]):
                result[step] = _remembered(result, step, start_at, (step_seconds, zone))
    return result


def _remembered(values: Floats, step: int, start_at: int, grid: tuple[int, str]) -> float:
    for days in (7, 1):
        before = earlier(step, days, start_at, grid)
        if before is not None and not np.isnan(values[before]):
            return float(values[before])
    per_day = max(1, DAY_SECONDS // grid[0])
    alike = values[step % per_day :: per_day]
    alike = alike[~np.isnan(alike)]
    return float(np.median(alike if len(alike) else values[~np.isnan(values)]))


def earlier(step: int, days: int, start_at: int, grid: tuple[int, str]) -> int | None:
    """The step of the same hour so many days ago by the clocks of the house; None: not known.

    `grid` is the length of a step in seconds, and the zone.
    """
    step_seconds, zone = grid
    at = start_at + step * step_seconds
    back = at - days * DAY_SECONDS
    back += offset_seconds(at, zone) - offset_seconds(back, zone)
    before = (back - start_at) // step_seconds
    return before if 0 <= before < step else None
