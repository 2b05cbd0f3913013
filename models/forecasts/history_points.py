"""Points of any order onto an even grid."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.demand.shapes import Measured

STEPS_MAX = 10_000
"""400 days of hours, and some: a longer grid keeps its newest steps."""
APART_SECONDS_MAX = 366 * 86_400
"""Moments further apart than a year are not of one series: a clock stood wrong."""
MOMENT_MAX = 1e11
"""Later ones are no seconds: the year is 5138."""
NUMBER_MAX = 1e100
"""What is larger is no measurement, and its square no number."""

How = Literal["mean", "sum", "max"]


def points_to_measured(
    times: Iterable[float], values: Iterable[float | None], step_seconds: int, how: How
) -> Measured:
    """What the steps of a grid make of points, whatever their order.

    `times` are UTC epoch seconds. Points of the same moment count once, as their mean; what is no
    finite number was not measured. A step without a point is None, of sums, too: whether nothing
    came or nobody looked, points alone do not say. Needs about 60 bytes a point for a moment.

    Raises ValueError where there are not as many times as values, or no step.
    """
    if step_seconds < 1:
        raise ValueError(f"a step of {step_seconds} s has no length; 3600 is an hour")
    at = np.fromiter(times, dtype=np.float64)
    found = np.fromiter((np.nan if value is None else value for value in values), np.float64)
    if len(at) != len(found):
        raise ValueError(f"{len(at)} times do not fit {len(found)} values")
    at, found = _in_order(at, found)
    if not len(at):
        return Measured(0, step_seconds, ())
    return _onto_grid(at, found, step_seconds, how)


def _in_order(
    at: NDArray[np.float64], found: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sorted, each moment once; only the largest part without a leap of a year, else the newest."""
    usable = (np.abs(at) < MOMENT_MAX) & (np.abs(found) < NUMBER_MAX)
    at, found = at[usable], found[usable]
    order = np.lexsort((found, at))
    at, found = at[order], found[order]
    if not len(at):
        return at, found
    leaps = np.flatnonzero(np.diff(at) > APART_SECONDS_MAX) + 1
    bounds = [0, *leaps.tolist(), len(at)]
    _, since, until = max((b - a, a, b) for a, b in pairwise(bounds))
    at, found = at[since:until], found[since:until]
    firsts = np.flatnonzero(np.concatenate(([True], np.diff(at) > 0)))
    counts = np.diff(np.append(firsts, len(at)))
    return at[firsts], np.add.reduceat(found, firsts) / counts


def _onto_grid(
    at: NDArray[np.float64], found: NDArray[np.float64], step_seconds: int, how: How
) -> Measured:
    slots = np.floor_divide(at, step_seconds).astype(np.int64)
    begin = max(int(slots[0]), int(slots[-1]) - STEPS_MAX + 1)
    kept = slots >= begin
    slots, found = slots[kept], found[kept]
    firsts = np.flatnonzero(np.concatenate(([True], np.diff(slots) > 0)))
    made = np.maximum.reduceat(found, firsts) if how == "max" else np.add.reduceat(found, firsts)
    if how == "mean":
        made = made / np.diff(np.append(firsts, len(slots)))
    grid: list[float | None] = [None] * (int(slots[-1]) - begin + 1)
    for slot, value in zip(slots[firsts].tolist(), made.tolist(), strict=True):
        grid[slot - begin] = value
    return Measured(begin * step_seconds, step_seconds, tuple(grid))
