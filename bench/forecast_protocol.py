"""From which moments a series is forecast, and by whom: forecasting.md 4.1."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bench.forecast_series import Series

STEPS, HISTORY, ORIGINS, APART = 24, 672, 10, 13
TESTED = STEPS + APART * (ORIGINS - 1)
"""Hours from the oldest origin to the end of what is forecast."""
FIRST_ORIGIN_MIN, ORIGINS_MIN = 168, 5
LEVELS = (0.025, 0.1, 0.9, 0.975)
"""The ends of the bands of 95 and 80 %; the forecast itself stands for the median."""


class Window(NamedTuple):
    """What was known at one origin, and what came true."""

    series: int
    history: np.ndarray
    actual: np.ndarray

    @property
    def scale(self) -> float:
        """Mean absolute difference from a day before: the unit of MASE."""
        return float(np.mean(np.abs(self.history[24:] - self.history[:-24])))


class Answer(NamedTuple):
    """`means` for each step; `bands` a row for each of LEVELS; `failed` says why, or ''."""

    means: np.ndarray
    bands: np.ndarray
    cpu_seconds: float
    failed: str = ""


def origins(length: int) -> list[int]:
    """`n - 24 - 13 j`, j = 0 ... 9, where a week is known; empty for too short a series.

    >>> origins(700)[:2], len(origins(700)), origins(240)
    ([676, 663], 10, [])
    """
    found = [length - STEPS - APART * j for j in range(ORIGINS)]
    found = [origin for origin in found if origin >= FIRST_ORIGIN_MIN]
    return found if len(found) >= ORIGINS_MIN else []


def windows(series: Sequence[Series]) -> list[Window]:
    """In the order of the series, each with its newest origin first."""
    return [
        Window(
            which,
            each.values[max(0, origin - HISTORY) : origin],
            each.values[origin : origin + STEPS],
        )
        for which, each in enumerate(series)
        for origin in origins(len(each.values))
    ]


def usable(series: Sequence[Series]) -> tuple[list[Series], list[str]]:
    """Those that can be scored, and why the others cannot."""
    kept, left_out = [], []
    for each in series:
        if not origins(len(each.values)):
            left_out.append(f"{each.name}: {len(each.values)} h are too short for five origins")
        elif any(window.scale <= 0 for window in windows([each])):
            left_out.append(f"{each.name}: a day is like the day before: it has no scale")
        else:
            kept.append(each)
    return kept, left_out


def seasonal_naive(window: Window, period: int) -> Answer:
    """The value of a period ago (of a day ago when the history has no more than one period).

    Bands: the root mean square of its own differences, times the root of the cycle's number.
    """
    history = window.history
    period = period if len(history) > period else 24
    steps = np.arange(STEPS)
    means = history[len(history) - period + steps % period]
    spread = float(np.sqrt(np.mean((history[period:] - history[:-period]) ** 2)))
    spreads = spread * np.sqrt(steps // period + 1)
    bands = np.stack([means + z * spreads for z in (-1.959964, -1.281552, 1.281552, 1.959964)])
    return Answer(means, bands, 0.0)
