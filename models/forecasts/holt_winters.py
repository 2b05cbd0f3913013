"""Holt-Winters: level, damped trend and season, all additive, by `ETSModel`."""

from collections.abc import Sequence

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from models.forecasts.cycle import Cycle
from models.forecasts.shapes import Fit, Values

ROUNDS_MAX = 40
CYCLES_LEAST = 3
STEPS_LEAST = 10


def holt_winters(y: Values, steps: int, cycle: Cycle) -> Fit:
    """Fit on `y` (shape [n]) and forecast `steps` steps of its unit (forecasting.md 6.2, 4).

    Parameters: smoothing of level, trend and season (where there is one), damping. Raises
    ValueError for less than three cycles.
    """
    fit = model_of(y, cycle).fit(disp=0, maxiter=ROUNDS_MAX)
    means = np.asarray(fit.forecast(steps), dtype=np.float64)
    parameters = tuple(float(value) for value in fit.params)
    return Fit(means, parameters, bool(fit.mle_retvals.get("converged", True)))


def holt_winters_again(y: Values, steps: int, cycle: Cycle, parameters: Sequence[float]) -> Fit:
    """As `holt_winters`, with parameters that were fitted before (at most a day, 9.3)."""
    smoothed = model_of(y, cycle).smooth(np.array(parameters))
    return Fit(np.asarray(smoothed.forecast(steps), dtype=np.float64), tuple(parameters))


def model_of(y: Values, cycle: Cycle) -> ETSModel:
    if len(y) < max(CYCLES_LEAST * cycle.short, STEPS_LEAST):
        raise ValueError(f"{len(y)} values are less than {CYCLES_LEAST} cycles")
    season = {"seasonal": "add", "seasonal_periods": cycle.short} if cycle.short > 1 else {}
    return ETSModel(
        y,
        error="add",
        trend="add",
        damped_trend=True,
        initialization_method="heuristic",
        **season,
    )
