"""Simple exponential smoothing with half of the drift: theta on a series without season."""

from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from models.forecasts.shapes import Values

ALPHAS = (0.02, 0.05, *(tenths / 10 for tenths in range(1, 10)), 0.97)
FIRST_STEPS = 12
SCORED_MAX = 240
CAPPED_SHARE = 0.99
DRIFT_LEAST = 48


class Smoothed(NamedTuple):
    level: float
    alpha: float


def levels_of(x: Values, alpha: float) -> Values:
    """The level after each value; before the first it is the mean of the first twelve."""
    before = float(np.mean(x[:FIRST_STEPS]))
    levels, _ = lfilter([alpha], [1.0, alpha - 1.0], x, zi=[(1.0 - alpha) * before])
    return np.asarray(levels)


def smoothed(x: Values) -> Smoothed:
    """The alpha of ALPHAS with the least squared one-step errors over the last half of `x`.

    At most 240 steps are scored, and no square counts more than the 99 % quantile of them
    (forecasting.md 6.1).
    """
    scored = max(min(len(x) // 2, SCORED_MAX), 1)
    before = float(np.mean(x[:FIRST_STEPS]))
    levels = np.array([levels_of(x, alpha) for alpha in ALPHAS])
    ahead = np.concatenate([np.full((len(ALPHAS), 1), before), levels[:, :-1]], axis=1)
    squares = (x - ahead)[:, -scored:] ** 2
    caps = np.quantile(squares, CAPPED_SHARE, axis=1, keepdims=True)
    best = int(np.argmin(np.minimum(squares, caps).mean(axis=1)))
    return Smoothed(float(levels[best, -1]), ALPHAS[best])


def theta_line(x: Values, steps: int) -> Values:
    """Level and half of the slope of `x` (shape [n]) over `steps` steps (forecasting.md 6.1)."""
    n = len(x)
    level, alpha = smoothed(x)
    if n < DRIFT_LEAST:
        return np.full(steps, level)
    at = np.arange(n) - (n - 1) / 2
    slope = float(at @ x) / float(at @ at)
    lead = (1 - (1 - alpha) ** n) / alpha
    line = level + 0.5 * slope * (np.arange(steps) + lead)
    return np.asarray(line, dtype=np.float64)
