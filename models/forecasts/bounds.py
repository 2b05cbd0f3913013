"""Forecasts stay near what was seen: never below zero where the past never was."""

import numpy as np

from models.forecasts.shapes import Values

BEYOND_SHARE = 0.2


def within(means: Values, y: Values) -> Values:
    """At most 20 % of the range of `y` beyond it (forecasting.md 9.2)."""
    least, most = float(y.min()), float(y.max())
    beyond = BEYOND_SHARE * (most - least)
    return above_zero(np.clip(means, least - beyond, most + beyond), y)


def above_zero(values: Values, y: Values) -> Values:
    return np.maximum(values, 0.0) if y.min() >= 0 else values
