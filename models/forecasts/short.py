"""The next half hour of a demand, fitted once a day: forecasting.md, 8.4.

A direct ridge regression for each of six steps of five minutes, on the square roots of the steps.
What it is worth is measured out of sample: each of the last three days is forecast by a fit that
did not know it. `models/scaling/short.py` evaluates the weights, without numpy.
"""

import numpy as np
from numpy.typing import NDArray

from models.demand.shapes import Measured
from models.errors import NoForecast
from models.messages import say
from models.scaling.shapes import AHEAD, BUCKET_SECONDS, LEVELS, ShortFit

Floats = NDArray[np.float64]

DAY, TWO_DAYS, WEEK = 288, 576, 2_016
"""In steps of five minutes."""
LAGS = (0, 1, 2, 5, 11)
WEEKLY_FROM_DAYS = 15
HISTORY_DAYS_MIN, HISTORY_DAYS_MAX = 4, 28
RESIDUAL_DAYS = 3
FIT_DAYS_MIN = 3
"""So much of it a fit must know whose errors are counted."""
RESIDUALS_MIN = 144
ROWS_MIN = 144
RIDGE = 1e-3
"""Of the number of rows; the roots have a deviation of one there."""


def short_fit(measured: Measured, now: float) -> ShortFit:
    """Of steps of 300 s, each as high as its highest minute; what ends after `now` is left out.

    Scaling the demand by a factor scales every forecast by it. Raises NoForecast: under four days,
    or too full of holes.
    """
    if measured.step_seconds != BUCKET_SECONDS:
        raise NoForecast(
            say(
                "steps of {seconds} s were given; the next half hour is forecast from steps of "
                "five minutes",
                seconds=measured.step_seconds,
            )
        )
    known = int(max(now - measured.start_at, 0) // BUCKET_SECONDS)
    values = np.array(measured.values[:known], dtype=np.float64)[-HISTORY_DAYS_MAX * DAY :]
    first = measured.start_at // BUCKET_SECONDS + max(
        min(known, len(measured.values)) - len(values), 0
    )
    values[~np.isfinite(values)] = np.nan
    if len(values) < HISTORY_DAYS_MIN * DAY:
        raise NoForecast(
            say(
                "{days} days are known, and the next half hour is forecast from {needed} on: "
                "what is measured decides",
                days=len(values) // DAY,
                needed=HISTORY_DAYS_MIN,
            )
        )
    roots = np.sqrt(np.maximum(values, 0.0))
    scale = float(np.nanstd(roots)) if np.isfinite(roots).any() else 0.0
    scale = scale or 1.0
    seasons = (DAY, TWO_DAYS, WEEK) if len(roots) >= WEEKLY_FROM_DAYS * DAY else (DAY, TWO_DAYS)
    rows = [_fit_step(roots / scale, first, seasons, ahead) for ahead in range(1, AHEAD + 1)]
    scales = np.array([scale if fixed else 1.0 for fixed in _fixed(len(seasons))])
    return ShortFit(
        fitted_at=int(now),
        lags=LAGS,
        seasons=seasons,
        weights=tuple(tuple((weights * scales).tolist()) for weights, _ in rows),
        residuals=tuple(tuple((found * scale).tolist()) for _, found in rows),
        steps=len(values),
    )


def _fit_step(
    roots: Floats, first: int, seasons: tuple[int, ...], ahead: int
) -> tuple[Floats, Floats]:
    """Weights, and the quantiles of what they miss. Raises NoForecast."""
    features, origins = _features(roots, first, seasons, ahead)
    truths = roots[origins + ahead]
    whole = np.isfinite(features).all(axis=1) & np.isfinite(truths)
    features, origins, truths = features[whole], origins[whole], truths[whole]
    errors = []
    for days in range(RESIDUAL_DAYS, 0, -1):
        cut = len(roots) - days * DAY
        past = origins + ahead < cut
        day = (origins >= cut - 1) & (origins < cut - 1 + DAY)
        if cut >= FIT_DAYS_MIN * DAY and past.sum() >= ROWS_MIN:
            weights = _ridge(features[past], truths[past])
            errors.append(truths[day] - features[day] @ weights)
    residuals = np.concatenate(errors) if errors else np.array([])
    if len(residuals) < RESIDUALS_MIN:
        raise NoForecast(
            say(
                "{steps} steps of the last days can be compared with a forecast, and {needed} are "
                "needed: there are too many holes in what is measured",
                steps=len(residuals),
                needed=RESIDUALS_MIN,
            )
        )
    return _ridge(features, truths), np.quantile(residuals, LEVELS)


def _features(
    roots: Floats, first: int, seasons: tuple[int, ...], ahead: int
) -> tuple[Floats, NDArray[np.int64]]:
    """A row for each step from which the one `ahead` can be told; in the order of ShortFit."""
    origins = np.arange(max(*seasons, *LAGS), len(roots) - ahead)
    turn = 2 * np.pi * ((first + origins + ahead) % DAY) / DAY
    columns = [np.ones(len(origins))]
    columns += [roots[origins - lag] for lag in LAGS]
    columns += [roots[origins + ahead - season] for season in seasons]
    columns += [roots[origins - season] for season in seasons]
    for pair in (1, 2, 3):
        columns += [np.sin(pair * turn), np.cos(pair * turn)]
    return np.column_stack(columns), origins


def _fixed(seasons: int) -> list[bool]:
    """Which weights are levels, and grow with the demand: intercept, sines and cosines."""
    return [True, *[False] * (len(LAGS) + 2 * seasons), *[True] * 6]


def _ridge(features: Floats, truths: Floats) -> Floats:
    """The first column is the intercept, which is not held back."""
    rows = len(truths)
    centre, middle = features[:, 1:].mean(axis=0), float(truths.mean())
    moved = features[:, 1:] - centre
    gram = moved.T @ moved + RIDGE * rows * np.eye(moved.shape[1])
    slopes = np.linalg.solve(gram, moved.T @ (truths - middle))
    return np.concatenate([[middle - float(centre @ slopes)], slopes])
