"""Made-up hourly series, each week like the other but for noise that is always the same."""

import math
from datetime import UTC, datetime

import numpy as np

from models.demand.shapes import HOUR_SECONDS, Measured
from models.forecasts.history import History, history_of

MONDAY = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
ZONE = "Asia/Seoul"


def week_of(days: int, noise: float = 3.0) -> np.ndarray:
    """About 100 by day, 40 by night, half on weekends."""
    hours = np.arange(days * 24)
    curve = 70 + 30 * np.sin((hours % 24 - 9) * 2 * np.pi / 24)
    weekend = np.where(hours // 24 % 7 >= 5, 0.5, 1.0)
    return curve * weekend + np.random.default_rng(7).normal(0, noise, len(hours))


def measured(values, step_seconds: int = HOUR_SECONDS, start_at: int = MONDAY) -> Measured:
    """NaN becomes None, as it stands in the store."""
    numbers = [None if value is None or math.isnan(value) else float(value) for value in values]
    return Measured(start_at, step_seconds, tuple(numbers))


def known(values, step_seconds: int = HOUR_SECONDS, start_at: int = MONDAY) -> History:
    """The history at the end of its values."""
    series = measured(values, step_seconds, start_at)
    return history_of(series, ZONE, series.end_at)


def notes(history: History) -> str:
    return "; ".join(map(str, history.notes))
