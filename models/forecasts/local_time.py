"""Days of 23 and 25 hours: where clocks change, a series is looked at as its people live it."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.demand.local import offset_seconds
from models.demand.shapes import HOUR_SECONDS
from models.forecasts.choosing import Choice
from models.forecasts.history import History

Places = NDArray[np.int64]


class Local(NamedTuple):
    """`history` by the clock on the wall; `ahead` are the steps of its forecast that are wanted."""

    history: History
    ahead: Places


def locally(history: History, steps: int, choose: Callable[[History, int], Choice]) -> Choice:
    """What `choose` makes of a history and a number of steps, at hours that people mean.

    Nine in the morning is nine before and after a change of clocks (forecasting.md 9.2): the hour
    that was left out is filled in between its neighbours, of one that came twice the mean counts.
    """
    local = local_of(history, steps)
    if local is None:
        return choose(history, steps)
    choice = choose(local.history, int(local.ahead.max()) + 1)
    return choice._replace(means=choice.means[local.ahead], bands=choice.bands[:, local.ahead])


def local_of(history: History, steps: int) -> Local | None:
    """None where no clock changes from the first step to the last ahead, or by less than a step."""
    n = len(history.values)
    ends = (history.start_at, history.start_at + (n + steps) * history.step_seconds)
    if history.step_seconds > HOUR_SECONDS or not changes(history.zone, *ends):
        return None
    offsets = np.array(
        [
            offset_seconds(history.start_at + step * history.step_seconds, history.zone)
            for step in range(n + steps)
        ]
    )
    moved = (offsets - offsets[0]) / history.step_seconds
    if np.any(moved != np.round(moved)):
        return None
    places = np.arange(n + steps) + moved.astype(np.int64)
    length = int(places[:n].max()) + 1
    ahead = np.maximum(places[n:] - length, 0)
    return Local(on_the_wall(history, places[:n], length, int(offsets[0])), ahead)


def changes(zone: str, start_at: int, end_at: int) -> bool:
    """Whether the clocks of a zone are moved in a span; looked at once a week of it."""
    moments = [*range(start_at, end_at, 7 * 24 * HOUR_SECONDS), end_at]
    return len({offset_seconds(moment, zone) for moment in moments}) > 1


def on_the_wall(history: History, places: Places, length: int, offset: int) -> History:
    """Shape [length]; in UTC as the wall shows it, so that hours and weekdays are those of it."""
    counts = np.bincount(places, minlength=length)
    sums = np.bincount(places, weights=history.values, minlength=length)
    known = np.flatnonzero(counts)
    values = np.interp(np.arange(length), known, sums[known] / counts[known])
    filled = np.ones(length, dtype=np.bool_)
    filled[places[~history.filled]] = False
    return replace(
        history,
        start_at=history.start_at + offset,
        values=values,
        filled=filled,
        zone="UTC",
    )
