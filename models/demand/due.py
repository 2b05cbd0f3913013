"""When a series is fitted anew, and not only forecast on: once a day, or for a reason."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.costs.periods import day_of
from models.demand.shapes import Forecast, Recipe
from models.messages import Message, say

SHARE_OF_80 = 0.62
"""Of half of an 80 % band the mean absolute error, as of normal errors (0.798 / 1.282)."""


class Fitted(NamedTuple):
    """When a target was last fitted, and by which recipe: UTC epoch seconds."""

    at: int
    recipe: Recipe


def why_anew(last: Fitted | None, recipe: Recipe, now: int, zone: ZoneInfo) -> Message | None:
    """None where going on from what was fitted is enough (forecasting.md 9.3).

    >>> seoul = ZoneInfo("Asia/Seoul")
    >>> str(why_anew(Fitted(0, Recipe()), Recipe("theta"), 3_600, seoul))
    'another recipe was chosen'
    >>> why_anew(Fitted(0, Recipe()), Recipe(), 3_600, seoul) is None
    True
    >>> str(why_anew(Fitted(0, Recipe()), Recipe(), 15 * 3_600, seoul))
    'a new day has begun'
    """
    if last is None:
        return say("it was never fitted")
    if last.recipe != recipe:
        return say("another recipe was chosen")
    if day_of(now, zone) != day_of(last.at, zone):
        return say("a new day has begun")
    return None


def expected_error(forecast: Forecast) -> float:
    """The mean absolute error of its first step, as its band says it: in the unit of the series."""
    low, high = forecast.quantile(0.1)[0], forecast.quantile(0.9)[0]
    return (high - low) / 2 * SHARE_OF_80
