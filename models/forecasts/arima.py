"""ARIMA(2,0,1) with Fourier terms for the seasons: dear, for people who ask for it by name."""

from collections.abc import Sequence

import numpy as np
from statsmodels.tsa.statespace.sarimax import SARIMAX

from models.forecasts.cycle import Cycle
from models.forecasts.shapes import Fit, Values

ORDER = (2, 0, 1)
ROUNDS_MAX = 60
DAY_PAIRS, WEEK_PAIRS = 5, 3
STEPS_LEAST = 72


def arima(y: Values, steps: int, cycle: Cycle) -> Fit:
    """`y` of shape [n]; [steps] values of its unit (forecasting.md 4.2, `sm_farima201`).

    About 1.8 s of CPU for 672 values. Raises ValueError for less than 72 values.
    """
    model, mean, sd = model_of(y, cycle)
    fit = model.fit(disp=0, maxiter=ROUNDS_MAX, cov_type="none", low_memory=True)
    means = fit.forecast(steps, exog=waves(len(y), steps, cycle, len(y)))
    parameters = tuple(float(value) for value in fit.params)
    has_converged = bool(fit.mle_retvals.get("converged", True))
    return Fit(np.asarray(means) * sd + mean, parameters, has_converged)


def arima_again(y: Values, steps: int, cycle: Cycle, parameters: Sequence[float]) -> Fit:
    """As `arima`, with parameters that were fitted before. Raises ValueError where they differ."""
    model, mean, sd = model_of(y, cycle)
    if len(parameters) != model.k_params:
        raise ValueError(f"{len(parameters)} parameters are not {model.k_params}")
    filtered = model.filter(np.array(parameters), cov_type="none", low_memory=True)
    means = filtered.forecast(steps, exog=waves(len(y), steps, cycle, len(y)))
    return Fit(np.asarray(means) * sd + mean, tuple(parameters))


def model_of(y: Values, cycle: Cycle) -> tuple[SARIMAX, float, float]:
    n, mean, sd = len(y), float(y.mean()), float(y.std())
    if n < STEPS_LEAST or sd <= 0:
        raise ValueError(f"{n} values, of deviation {sd:g}, carry no ARIMA")
    exog = waves(0, n, cycle, n)
    model = SARIMAX((y - mean) / sd, exog=exog, order=ORDER, concentrate_scale=True)
    return model, mean, sd


def waves(start: int, steps: int, cycle: Cycle, n: int) -> Values | None:
    """Fourier pairs, shape [steps, 2 x pairs]: 5 of the day, and 3 of the week from two on."""
    periods = [(cycle.short, DAY_PAIRS)] if cycle.short > 2 else []
    if cycle.long and n >= 2 * cycle.long:
        periods.append((cycle.long, WEEK_PAIRS))
    at = np.arange(start, start + steps)
    columns = [
        wave(2 * np.pi * pair * at / period)
        for period, pairs in periods
        for pair in range(1, min(pairs, (period - 1) // 2) + 1)
        for wave in (np.sin, np.cos)
    ]
    return np.column_stack(columns) if columns else None
