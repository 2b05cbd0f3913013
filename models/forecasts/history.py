"""The history that is forecast: an even grid of numbers, and what was done to it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.demand.shapes import HOUR_SECONDS, NOT_ENOUGH, Measured
from models.errors import NoForecast
from models.messages import Message

Values = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class History:
    """Values without NaN, oldest first; `filled` marks those that were not measured.

    `widen` (at least 1) widens the bands, where the past says less than usual about what comes;
    `notes` say what was done to the values.
    """

    start_at: int
    step_seconds: int
    values: Values
    filled: Marks
    zone: str = "UTC"
    notes: tuple[Message, ...] = field(default=())
    widen: float = 1.0

    @property
    def end_at(self) -> int:
        return self.start_at + self.step_seconds * len(self.values)


def history_of(measured: Measured, zone: str, now: int) -> History:
    """Raises NoForecast."""
    values = np.array([np.nan if v is None else v for v in measured.values], dtype=np.float64)
    filled = ~np.isfinite(values)
    known = np.flatnonzero(~filled)
    if len(known) * measured.step_seconds < 24 * HOUR_SECONDS or measured.end_at > now + 86_400:
        raise NoForecast(NOT_ENOUGH)
    values[filled] = np.interp(np.flatnonzero(filled), known, values[known])
    return History(measured.start_at, measured.step_seconds, values, filled, zone)
