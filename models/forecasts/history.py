"""History first: what a series was, on an even grid, before anything is fitted to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.demand.shapes import NOT_ENOUGH, Measured
from models.errors import NoForecast
from models.messages import Message

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class History:
    """What fits look at: oldest first, without NaN.

    `filled` is True where a value was not measured, such a step is no truth to be tested by.
    `widen` multiplies the width of every band: at least 1, more where the history is doubtful.
    `notes` say what was done to it, each a sentence for people.
    """

    start_at: int
    step_seconds: int
    values: Floats
    filled: NDArray[np.bool_]
    zone: str
    notes: tuple[Message, ...] = ()
    widen: float = 1.0

    @property
    def end_at(self) -> int:
        return self.start_at + self.step_seconds * len(self.values)


def history_of(measured: Measured, zone: str, now: int) -> History:
    """Raises NoForecast."""
    values = np.array(
        [np.nan if value is None else value for value in measured.values], dtype=np.float64
    )
    if np.isfinite(values).sum() < 24:
        raise NoForecast(NOT_ENOUGH)
    filled = ~np.isfinite(values)
    values = np.where(filled, np.nanmean(values), values)
    return History(measured.start_at, measured.step_seconds, values, filled, zone)
