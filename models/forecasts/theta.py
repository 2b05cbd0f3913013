"""The theta members: season taken off by a profile, level and half of the drift of the rest."""

from models.forecasts.cycle import Cycle
from models.forecasts.profiles import (
    additive_profile,
    is_seasonal,
    multiplicative_profile,
    repeated,
)
from models.forecasts.shapes import Values
from models.forecasts.smoothing import theta_line

WEEKS_LEAST = 3


def theta(y: Values, steps: int, cycle: Cycle) -> Values:
    """`y` of shape [n], oldest first; [steps] values of the same unit (forecasting.md 6.2, 1).

    Without a season where a test finds none; by factors where all values are above 0.
    """
    period, n = cycle.short, len(y)
    if period < 2 or not is_seasonal(y, period):
        return theta_line(y, steps)
    factors = multiplicative_profile(y, period)
    if factors is not None:
        return theta_line(y / repeated(factors, 0, n), steps) * repeated(factors, n, steps)
    return without_profile(y, steps, additive_profile(y, period))


def theta_week(y: Values, steps: int, cycle: Cycle) -> Values:
    """As `theta`, on a profile of the week drawn towards that of the day (forecasting.md 6.2, 2).

    With less than three weeks it is `theta`.
    """
    n = len(y)
    if not cycle.long or n < WEEKS_LEAST * cycle.long:
        return theta(y, steps, cycle)
    weeks = n / cycle.long
    share = weeks / (weeks + 2)
    daily = repeated(additive_profile(y, cycle.short), 0, cycle.long)
    weekly = additive_profile(y, cycle.long)
    return without_profile(y, steps, (1 - share) * daily + share * weekly)


def without_profile(y: Values, steps: int, profile: Values) -> Values:
    n = len(y)
    return theta_line(y - repeated(profile, 0, n), steps) + repeated(profile, n, steps)
