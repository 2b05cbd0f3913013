"""What a cycle looks like on average, phase by phase; phase 0 is the first value's."""

import numpy as np

from models.forecasts.shapes import Values

LEAST_FACTOR = 0.01
SURE = 1.645


def repeated(profile: Values, start: int, steps: int) -> Values:
    """`steps` values of a profile, the first at phase `start`."""
    return profile[(start + np.arange(steps)) % len(profile)]


def trend_of(y: Values, period: int) -> tuple[Values, int]:
    """The centred mean of one cycle, and the index of its first value (forecasting.md 6.1)."""
    weights = np.ones(period + 1 - period % 2)
    if period % 2 == 0:
        weights[0] = weights[-1] = 0.5
    means = np.convolve(y, weights / period, mode="valid")
    return np.asarray(means, dtype=np.float64), len(weights) // 2


def means_by_phase(x: Values, first_phase: int, period: int) -> Values:
    phases = (first_phase + np.arange(len(x))) % period
    sums = np.bincount(phases, weights=x, minlength=period)
    counts = np.maximum(np.bincount(phases, minlength=period), 1)
    return np.asarray(sums / counts, dtype=np.float64)


def additive_profile(y: Values, period: int) -> Values:
    """Shape [period], mean 0. `y` must hold two cycles."""
    trend, first = trend_of(y, period)
    profile = means_by_phase(y[first : first + len(trend)] - trend, first, period)
    return np.asarray(profile - profile.mean(), dtype=np.float64)


def multiplicative_profile(y: Values, period: int) -> Values | None:
    """Shape [period], mean 1; None where a factor is too small to divide by."""
    if y.min() <= 0:
        return None
    trend, first = trend_of(y, period)
    profile = means_by_phase(y[first : first + len(trend)] / trend, first, period)
    profile = profile / profile.mean()
    return profile if profile.min() > LEAST_FACTOR else None


def is_seasonal(y: Values, period: int) -> bool:
    """Whether the autocorrelation at `period` is surely not chance (forecasting.md 6.2)."""
    n = len(y)
    z = y - y.mean()
    power = float(z @ z)
    if power <= 0 or n < 2 * period:
        return False
    correlations = np.array([z[k:] @ z[:-k] for k in range(1, period + 1)]) / power
    limit = SURE * np.sqrt((1 + 2 * np.sum(correlations[:-1] ** 2)) / n)
    return bool(abs(correlations[-1]) > limit)
