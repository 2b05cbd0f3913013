"""Rare work: most steps are zero, and what comes between them are a few jobs.

No level, no trend, no season as a curve: what came in steps alike says how likely how much is.
What alike means, each history decides by itself: any step, the same hour, the same hour of
workdays or of weekends, the same hour of the week; by the least error of each value against the
others of its kind. Measured on thinned real traces and made-up ones (35 series, 10 origins): a
fifth less squared error and an eighth less pinball than the hour of day alone; the mean of last
week and a smoothed level, with quantiles by the hour of the week (forecasting.md, 9.2), were
behind that again, and so were Croston's methods.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.demand.local import hour_and_weekday
from models.demand.shapes import QUANTILES
from models.forecasts.history import History
from models.forecasts.history_gaps import DAY_SECONDS, Floats
from models.messages import Message, say

RARE_SHARE = 0.4
HALF_LIFE_DAYS = 14.0
"""What is so old counts half."""
BETTER_SHARE = 0.98
"""A finer kind must have at most this share of the error of a coarser one."""
WEEKS_MIN = 2
"""Before so much is known no day of the week is told from another."""

Kinds = NDArray[np.int64]


class _Alike(NamedTuple):
    """Kinds of the steps of a history, then of those ahead; `own` is what its own kind weighs,
    of quantiles: the rest goes to the same hour, and to all steps.
    """

    kinds: Kinds
    own: float
    why: Message


def is_rare(values: Floats) -> bool:
    """Whether more than 40 % of what is known is zero (forecasting.md, 9.2).

    >>> is_rare(np.array([0.0, 0.0, 3.0])), is_rare(np.array([0.0, 2.0, 3.0]))
    (True, False)
    """
    known = values[~np.isnan(values)]
    return bool(len(known) and np.mean(known == 0) > RARE_SHARE)


def forecast_rare(history: History, steps: int) -> tuple[Floats, Floats, Message]:
    """Means of `steps` steps, a row of the band for each of QUANTILES, and what they rest on.

    Quantiles are values of the history, so never below its least, and whole where those are.
    `history.widen` is in them.
    """
    known = ~history.filled if not history.filled.all() else np.ones_like(history.filled)
    ages = np.arange(len(history.values))[::-1] * history.step_seconds / DAY_SECONDS
    weights = np.where(known, 0.5 ** (ages / HALF_LIFE_DAYS), 0.0)
    candidates = _candidates(history, steps)
    alike = _best(history.values, weights, candidates)
    order = np.argsort(history.values, kind="stable")
    means, bands = np.empty(steps), np.empty((len(QUANTILES), steps))
    for step in range(steps):
        shares = _shares(weights, alike, candidates, len(weights) + step)
        own = _shares(weights, alike._replace(own=1.0), candidates, len(weights) + step)
        means[step] = own @ history.values
        reached = np.searchsorted(np.cumsum(shares[order]), np.array(QUANTILES) - 1e-9)
        bands[:, step] = history.values[order][np.minimum(reached, len(order) - 1)]
    return means, _widened(means, bands, history), alike.why


def _candidates(history: History, steps: int) -> list[_Alike]:
    """From the coarsest to the finest that the length of the history allows."""
    length = len(history.values)
    places = np.array(
        [
            hour_and_weekday(history.start_at + step * history.step_seconds, history.zone)
            for step in range(length + steps)
        ]
    )
    hours, weekdays = places[:, 0], places[:, 1]
    found = [
        _Alike(np.zeros_like(hours), 1.0, say("rare work: by what came in any hour")),
        _Alike(hours, 0.9, say("rare work: by what came at the same hour of the day")),
    ]
    if length * history.step_seconds >= WEEKS_MIN * 7 * DAY_SECONDS:
        found += [
            _Alike(
                hours + 24 * (weekdays >= 5),
                0.85,
                say("rare work: by what came at the same hour of workdays, or of weekends"),
            ),
            _Alike(
                hours + 24 * weekdays,
                0.7,
                say("rare work: by what came at the same hour of the week"),
            ),
        ]
    return found


def _best(values: Floats, weights: Floats, candidates: list[_Alike]) -> _Alike:
    """The finest kind by which each value is told best from the others of its kind."""
    best, least = candidates[0], float("inf")
    everywhere = float(weights @ values / weights.sum())
    nothing = 1e-9 * float(weights @ (values - everywhere) ** 2)
    for alike in candidates:
        kinds = alike.kinds[: len(values)]
        others = np.bincount(kinds, weights)[kinds] - weights
        sums = np.bincount(kinds, weights * values)[kinds] - weights * values
        told = np.where(others > 1e-12, sums / np.maximum(others, 1e-12), everywhere)
        error = float(weights @ (values - told) ** 2)
        if error < least * BETTER_SHARE - nothing:
            best, least = alike, error
    return best


def _shares(weights: Floats, alike: _Alike, candidates: list[_Alike], step: int) -> Floats:
    """What each value of the history weighs for a step ahead; the sum is 1."""
    parts = [(alike, alike.own)]
    if alike.own < 1:
        rest = 1 - alike.own
        hour = rest * 2 / 3 if alike is not candidates[1] else 0.0
        parts += [(candidates[1], hour), (candidates[0], rest - hour)]
    whole = np.zeros_like(weights)
    for kind, part in parts:
        same = weights * (kind.kinds[: len(weights)] == kind.kinds[step])
        if same.sum() <= 0:
            same = weights
        whole += part * same / same.sum()
    return whole


def _widened(means: Floats, bands: Floats, history: History) -> Floats:
    wider = means + (bands - means) * history.widen
    if np.all(history.values == np.round(history.values)):
        wider = np.where(wider < means, np.floor(wider), np.ceil(wider))
    low = min(0.0, float(history.values.min()))
    return np.maximum(wider if history.widen > 1 else bands, low)
