"""Series made up for the tests of forecasts: the same each time."""

import json

import numpy as np

from models.demand.shapes import Measured, Recipe
from models.forecasts.fit import daily, refresh
from models.forecasts.history import History
from models.forecasts.watching import Watch

MONDAY = 1_767_571_200
"""2026-01-05 00:00 UTC."""
DAY, WEEK = 24, 168


def noise(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=count)


def week_like(count: int, spread: float = 5.0, seed: int = 1) -> np.ndarray:
    """Busy days, quiet nights and weekends, around 100 and far above zero; hourly."""
    at = np.arange(count)
    day = 30 * np.sin(2 * np.pi * (at % DAY - 6) / DAY)
    weekend = np.where(at // DAY % 7 >= 5, -20.0, 0.0)
    return 100 + day + weekend + spread * noise(count, seed)


def history(values: object, filled: object = None, **others: object) -> History:
    array = np.asarray(values, dtype=np.float64)
    marks = np.zeros(len(array), dtype=bool) if filled is None else np.asarray(filled)
    fields = {"start_at": MONDAY, "step_seconds": 3_600, "zone": "UTC", **others}
    return History(values=array, filled=marks, **fields)


def measured(values: object, step_seconds: int = 3_600) -> Measured:
    return Measured(MONDAY, step_seconds, tuple(values))


def made(values, recipe=None, steps=DAY, **others):
    return daily("jobs", history(values, **others), recipe or Recipe(), steps, Watch())


def later(values, state, steps=DAY, **others):
    kept = json.loads(json.dumps(state))
    return refresh("jobs", history(values, **others), kept, steps, Watch())


def width(forecast, q=0.9):
    return float(np.mean(np.array(forecast.quantile(q)) - np.array(forecast.means)))
