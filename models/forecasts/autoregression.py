"""A ridge autoregression with Fourier terms, its recursion held within what was seen."""

import numpy as np

from models.forecasts.cycle import Cycle
from models.forecasts.shapes import Values

RIDGE = 3e-3
DAY_PAIRS, WEEK_PAIRS = 4, 3
Z_LEAST, Z_MOST = -6.0, 8.0
EXPONENT_MAX = 25.0
BEYOND_SHARE = 0.2
SKEWED = 3.0


def autoregression(y: Values, steps: int, cycle: Cycle) -> Values:
    """`y` of shape [n]; [steps] values of its unit, never 20 % of its range beyond it.

    On logarithms where the values are skewed and never negative (forecasting.md 6.2, 5). Raises
    ValueError where fewer rows than regressors are left.
    """
    is_log = wants_log(y)
    x = np.log1p(y) if is_log else y
    mean, sd = float(x.mean()), float(x.std())
    if sd <= 0:
        return np.full(steps, float(y[-1]))
    z = recursion((x - mean) / sd, steps, cycle) * sd + mean
    out = np.expm1(np.minimum(z, EXPONENT_MAX)) if is_log else z
    least, most = float(y.min()), float(y.max())
    beyond = BEYOND_SHARE * (most - least)
    return np.clip(out, least - beyond, most + beyond)


def wants_log(y: Values) -> bool:
    if y.min() < 0 or y.mean() <= 0:
        return False
    return bool(np.quantile(y, 0.95) > SKEWED * np.quantile(y, 0.3))


def lags_of(n: int, cycle: Cycle) -> list[int]:
    lags = {1, 2, 3}
    if cycle.short > 1:
        lags |= {cycle.short, cycle.short + 1, 2 * cycle.short}
    if cycle.long and n >= 4 * cycle.long:
        lags |= {cycle.long, cycle.long + 1}
    return sorted(lags)


def waves(at: Values, n: int, cycle: Cycle) -> Values:
    """Shape [len(at), 2 x pairs]: sines and cosines of the cycles at these steps."""
    angles = [
        2 * np.pi * pair * at / cycle.short
        for pair in range(1, min(DAY_PAIRS, (cycle.short - 1) // 2) + 1)
    ]
    if cycle.long and n >= 3 * cycle.long:
        angles += [2 * np.pi * pair * at / cycle.long for pair in range(1, WEEK_PAIRS + 1)]
    if not angles:
        return np.empty((len(at), 0))
    return np.column_stack([wave(angle) for angle in angles for wave in (np.sin, np.cos)])


def recursion(z: Values, steps: int, cycle: Cycle) -> Values:
    """Fit on standardised values, then each forecast is a regressor of the next."""
    n, lags = len(z), lags_of(len(z), cycle)
    first = max(lags)
    at = np.arange(first, n)
    rows = np.column_stack(
        [np.ones(len(at)), *(z[at - lag] for lag in lags), waves(at.astype(float), n, cycle)]
    )
    if rows.shape[0] <= rows.shape[1]:
        raise ValueError(f"{rows.shape[0]} rows for {rows.shape[1]} regressors")
    weights = ridge(rows, z[first:])
    ahead = waves(np.arange(n, n + steps, dtype=float), n, cycle) @ weights[1 + len(lags) :]
    path = np.concatenate([z, np.zeros(steps)])
    back = np.array(lags)
    slopes = weights[1 : 1 + len(lags)]
    for step in range(steps):
        value = weights[0] + slopes @ path[n + step - back] + ahead[step]
        path[n + step] = min(max(value, Z_LEAST), Z_MOST)
    return path[n:]


def ridge(rows: Values, wanted: Values) -> Values:
    """Least squares; all but the first weight are drawn to 0 by RIDGE times the rows."""
    penalty = np.full(rows.shape[1], RIDGE * len(rows))
    penalty[0] = 0.0
    weights = np.linalg.solve(rows.T @ rows + np.diag(penalty), rows.T @ wanted)
    return np.asarray(weights, dtype=np.float64)
