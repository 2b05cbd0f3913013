"""The models that forecast: each fits a series and says what comes, or is left out."""

import warnings
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from models.forecasts.arima import arima, arima_again
from models.forecasts.autoregression import autoregression
from models.forecasts.cycle import Cycle
from models.forecasts.holt_winters import holt_winters, holt_winters_again
from models.forecasts.naive import last_cycle, last_value, seasonal_naive
from models.forecasts.shapes import Fit, Values
from models.forecasts.stl import stl
from models.forecasts.theta import theta, theta_week

HUGE = 1e300


class Member(NamedTuple):
    """`fit` finds parameters; `again` forecasts with those that were found before.

    One that `is_slow` is fitted once for a whole backtest, at its first moment.
    """

    name: str
    fit: Callable[[Values, int, Cycle], Fit]
    again: Callable[[Values, int, Cycle, Sequence[float]], Fit]
    is_slow: bool = False


def quick(name: str, forecast: Callable[[Values, int, Cycle], Values]) -> Member:
    """One that is fitted as fast as it forecasts, and keeps no parameters."""

    def fit(y: Values, steps: int, cycle: Cycle) -> Fit:
        return Fit(forecast(y, steps, cycle))

    def again(y: Values, steps: int, cycle: Cycle, _: Sequence[float]) -> Fit:
        return Fit(forecast(y, steps, cycle))

    return Member(name, fit, again)


NAIVE = quick("seasonal_naive", seasonal_naive)
MEMBERS: tuple[Member, ...] = (
    quick("theta", theta),
    quick("theta_week", theta_week),
    quick("stl", stl),
    Member("holt_winters", holt_winters, holt_winters_again),
    quick("autoregression", autoregression),
    NAIVE,
    quick("last_cycle", last_cycle),
    quick("last_value", last_value),
)
"""Of the ensemble: the six of forecasting.md 6.2 and two that know no more than what was last.

Those two cost nothing, and where a burst has misled all that learn a level they are what is left:
with them the error of a day fell by 5 % on operations and 2 % on M4, that of an hour by 16 and 1 %.
"""

ALONE: dict[str, Member] = {
    **{member.name: member for member in MEMBERS},
    "theta": quick("theta", theta_week),
    "arima": Member("arima", arima, arima_again, is_slow=True),
}
"""Models that a person may choose by name."""


def frozen(member: Member, parameters: Sequence[float]) -> Member:
    """A member that is never fitted: it has the parameters of another day."""

    def fit(y: Values, steps: int, cycle: Cycle) -> Fit:
        return member.again(y, steps, cycle, parameters)

    return member._replace(fit=fit)


def attempt(
    member: Member, y: Values, steps: int, cycle: Cycle, parameters: Sequence[float] | None = None
) -> Fit | None:
    """What a member says, with `parameters` where they are given; None where it fails.

    Numbers that are not finite, or huge beyond any use, are a failure as well.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            if parameters is None:
                fit = member.fit(y, steps, cycle)
            else:
                fit = member.again(y, steps, cycle, parameters)
        except (ValueError, IndexError, ArithmeticError, np.linalg.LinAlgError):
            return None
    is_sound = len(fit.means) == steps and bool(np.all(np.abs(fit.means) < HUGE))
    return fit if is_sound else None
