"""What a plan is made of. Amounts are micro-won, moments UTC epoch seconds."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from models.messages import Message

BUCKET_SECONDS = 300
"""Demand is forecast in steps of five minutes; a step is as high as its highest minute."""
AHEAD = 6
"""So many steps ahead: half an hour."""
LEVELS = tuple(percent / 100 for percent in range(50, 100))
"""Of residuals that a fit keeps: every percent from 50 to 99."""


class ShortFit(NamedTuple):
    """A ridge regression a step ahead, on the square roots of the steps (forecasting.md, 8.4).

    `lags` are steps before the last whole one (0: that itself); `seasons` are steps before the one
    that is forecast (288: yesterday), each also used unshifted. `weights` has a row for each of
    AHEAD: intercept, lags, seasons, seasons unshifted, sine and cosine of the day (three pairs).
    `residuals` has a row for each of AHEAD: the quantiles of LEVELS, of roots, out of sample.
    """

    fitted_at: int
    lags: tuple[int, ...]
    seasons: tuple[int, ...]
    weights: tuple[tuple[float, ...], ...]
    residuals: tuple[tuple[float, ...], ...]
    steps: int

    def as_json(self) -> dict[str, Any]:
        return self._asdict()

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "ShortFit":
        return cls(
            int(shape["fitted_at"]),
            tuple(shape["lags"]),
            tuple(shape["seasons"]),
            tuple(tuple(row) for row in shape["weights"]),
            tuple(tuple(row) for row in shape["residuals"]),
            int(shape["steps"]),
        )


class Plan(NamedTuple):
    """How many machines, and why: `reason` is one sentence, `inputs` are its figures as JSON.

    `predicted` is None where no forecast may raise the number; `allowed` is what the budget and
    the settings let.
    """

    pool: str
    at: int
    wanted: int
    reactive: int
    predicted: int | None
    allowed: int
    reason: Message
    inputs: Mapping[str, Any]
