"""Stalls told from rest: the collector or the source stood still, or nobody came.

Rest is demand: nights and weekends without work come again at their hour. A stall does not: what
came meanwhile is counted when it ends, as a burst, or was never seen.
"""

from typing import NamedTuple

import numpy as np

from models.demand.shapes import HOUR_SECONDS
from models.forecasts.history_gaps import DAY_SECONDS, Floats, Truths, runs

RARE_SHARE = 0.1
"""More zeros than this where nobody rests are no stalls, they are how the series is."""
REST_SHARE = 0.5
"""Zero at the same hour in half of the other weeks (in the first two: days): that is rest."""
BURST_RATIO = 1.5
"""So many times the usual is a burst; it must hold at least half of what the stall lacks."""
REPAID_SHARE = 0.5
NEAR_SHARE = 0.2
"""A series whose lowest values stay above this share of its median never comes near zero."""
FROZEN_STEPS = 6
FROZEN_SHARE = 0.05
"""A value that stands still for so long, where hardly any equals the one before, is an old one."""


class Settled(NamedTuple):
    """`values` have NaN where nothing true was measured; `spread` marks where a burst was spread
    over its stall: no truths either, though their sum is one.
    """

    values: Floats
    spread: Truths
    stalls: int = 0
    silences: int = 0
    frozen: int = 0


def settled(values: Floats, step_seconds: int) -> Settled:
    """Spread each burst over the stall that it follows, take out what was silent or frozen."""
    result, spread = values.copy(), np.zeros(len(values), dtype=np.bool_)
    stalls = silences = 0
    zeros = _odd_zeros(values, step_seconds)
    usual = _usual(values, step_seconds) if zeros.any() else values
    for since, until in runs(zeros):
        ends = _burst_ends(values, usual, since, until)
        if ends > until:
            whole = slice(since, ends)
            result[whole] = usual[whole] * (values[whole].sum() / usual[whole].sum())
            spread[whole] = True
            stalls += 1
        elif until < len(values) and _never_near_zero(values):
            result[since:until] = np.nan
            silences += 1
    frozen = _frozen(result) if step_seconds < DAY_SECONDS else []
    for since, until in frozen:
        result[since:until] = np.nan
    return Settled(result, spread, stalls, silences, len(frozen))


def _hours(values: Floats, step_seconds: int) -> Floats:
    """By week (in the first two: day), hour and step of the hour; NaN where there is nothing.

    Rest is of hours: a pause of minutes in a busy hour is none, however often it comes.
    """
    per_hour = max(1, HOUR_SECONDS // step_seconds)
    per_day = max(1, DAY_SECONDS // step_seconds)
    cycle = 7 * per_day if len(values) >= 14 * per_day else per_day
    per_hour = per_hour if cycle % per_hour == 0 else 1
    rows = np.full(-(-len(values) // cycle) * cycle, np.nan)
    rows[: len(values)] = values
    return rows.reshape(-1, cycle // per_hour, per_hour)


def _odd_zeros(values: Floats, step_seconds: int) -> Truths:
    """Zeros in hours that are rarely zero, in a series that is rarely zero in such hours."""
    hours = _hours(values, step_seconds)
    zeros, known = hours == 0, ~np.isnan(hours)
    zeros_here, known_here = zeros.sum(axis=2), known.sum(axis=2)
    zeros_all, known_all = zeros_here.sum(axis=0), known_here.sum(axis=0)
    others = np.maximum(known_all - known_here, 1)
    is_odd = zeros_all - zeros_here < REST_SHARE * others
    odd: Truths = (zeros & is_odd[:, :, None]).ravel()[: len(values)]
    working = known_all[zeros_all < REST_SHARE * known_all].sum()
    return odd if odd.sum() <= RARE_SHARE * max(1, working) else np.zeros_like(odd)


def _usual(values: Floats, step_seconds: int) -> Floats:
    """The median of the hour over weeks (in the first two: days), without zeros; from the middle of
    an hour to that of the next by a line, so that it never stands still.
    """
    hours = _hours(np.where(values == 0, np.nan, values), step_seconds)
    everywhere = float(np.nanmedian(hours))
    middle = [
        float(np.median(hour[~np.isnan(hour)])) if (~np.isnan(hour)).any() else everywhere
        for hour in hours.transpose(1, 0, 2)
    ]
    per_hour = hours.shape[2]
    centres = np.arange(len(middle)) * per_hour + (per_hour - 1) / 2
    steps = np.arange(len(values))
    return np.interp(steps, centres, middle, period=len(middle) * per_hour)


def _burst_ends(values: Floats, usual: Floats, since: int, until: int) -> int:
    """Where the burst after a stall is over; `until` where none repays it."""
    ends, latest = until, min(len(values), until + (until - since))
    while ends < latest and values[ends] > BURST_RATIO * usual[ends]:
        ends += 1
    lacks = usual[since:until].sum()
    excess = (values[until:ends] - usual[until:ends]).sum()
    return ends if lacks > 0 and excess >= REPAID_SHARE * lacks else until


def _never_near_zero(values: Floats) -> bool:
    found = values[~np.isnan(values) & (values != 0)]
    return bool(np.quantile(found, 0.02) >= NEAR_SHARE * np.median(found) > 0)


def _frozen(values: Floats) -> list[tuple[int, int]]:
    """Spans in which a value stood still; it was measured itself once, before them.

    The highest and the lowest of a series may last: full is full.
    """
    still = np.concatenate(([False], np.diff(values) == 0)) & (values != 0)
    long = [
        (since, until)
        for since, until in runs(still)
        if until - since >= FROZEN_STEPS - 1
        and np.nanmin(values) < values[since] < np.nanmax(values)
    ]
    usually = still.sum() - sum(until - since for since, until in long)
    return long if usually <= FROZEN_SHARE * len(values) else []
