"""Season of the day and of the week by loess, and theta on what is left."""

import numpy as np
from statsmodels.tsa.stl._stl import STL

from models.forecasts.cycle import Cycle
from models.forecasts.profiles import repeated
from models.forecasts.shapes import Values
from models.forecasts.smoothing import theta_line

DAY_WINDOW, WEEK_WINDOW = 11, 15


def stl(y: Values, steps: int, cycle: Cycle) -> Values:
    """Two passes where two weeks and a day are known, else the short season alone.

    `y` of shape [n]; [steps] values of its unit (forecasting.md 6.2, 3). Raises ValueError for
    less than two cycles.
    """
    n = len(y)
    if cycle.short < 2:
        return theta_line(y, steps)
    if n < 2 * cycle.short:
        raise ValueError(f"{n} values are less than two cycles of {cycle.short}")
    if not cycle.long or n < 2 * cycle.long + cycle.short:
        daily = day_season(y, cycle.short)
        return theta_line(y - daily, steps) + last_cycle(daily, cycle.short, steps)
    weekly = week_season(y - day_season(y, cycle.short), cycle.long)
    daily = day_season(y - weekly, cycle.short)
    seasons = last_cycle(daily, cycle.short, steps) + last_cycle(weekly, cycle.long, steps)
    return theta_line(y - daily - weekly, steps) + seasons


def last_cycle(season: Values, period: int, steps: int) -> Values:
    return repeated(season[-period:], 0, steps)


def day_season(y: Values, period: int) -> Values:
    jump = max(period // 8, 1)
    return season_of(y, period, DAY_WINDOW, (max(period // 4, 1), jump, jump))


def week_season(y: Values, period: int) -> Values:
    return season_of(y, period, WEEK_WINDOW, (40, 5, 40))


def season_of(y: Values, period: int, window: int, jumps: tuple[int, int, int]) -> Values:
    fit = STL(
        np.ascontiguousarray(y),
        period,
        seasonal=window,
        seasonal_deg=0,
        robust=False,
        trend_jump=jumps[0],
        seasonal_jump=jumps[1],
        low_pass_jump=jumps[2],
    ).fit()
    return np.asarray(fit.seasonal)
