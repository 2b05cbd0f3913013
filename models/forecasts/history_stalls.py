"""Stalls told from rest: the collector or the source stood still, or nobody came.

Rest is demand: nights and weekends without work come again at their hour. A stall does not: what
came meanwhile is counted when it ends, as a burst, or was never seen.
"""

from typing import NamedTuple

import numpy as np

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


def _phases(values: Floats, step_seconds: int) -> Floats:
    """A row for each week (in the first two: day), NaN where there is nothing."""
    per_day = max(1, DAY_SECONDS // step_seconds)
    cycle = 7 * per_day if len(values) >= 14 * per_day else per_day
    rows = np.full(-(-len(values) // cycle) * cycle, np.nan)
    rows[: len(values)] = values
    return rows.reshape(-1, cycle)


def _odd_zeros(values: Floats, step_seconds: int) -> Truths:
    """Zeros at hours that are rarely zero, in a series that is rarely zero at such hours."""
    rows = _phases(values, step_seconds)
    zeros, known = rows == 0, ~np.isnan(rows)
    others = np.maximum(known.sum(axis=0) - 1, 1)
    odd: Truths = (zeros & (zeros.sum(axis=0) - 1 < REST_SHARE * others)).ravel()[: len(values)]
    working = known & (zeros.sum(axis=0) < REST_SHARE * known.sum(axis=0))
    if odd.sum() > RARE_SHARE * max(1, working.sum()):
        return np.zeros(len(values), dtype=np.bool_)
    return odd


def _usual(values: Floats, step_seconds: int) -> Floats:
    """The median of the hour over weeks (in the first two: days), without zeros."""
    rows = _phases(np.where(values == 0, np.nan, values), step_seconds)
    everywhere = float(np.nanmedian(rows))
    middle = np.array(
        [
            np.median(column[~np.isnan(column)]) if (~np.isnan(column)).any() else everywhere
            for column in rows.T
        ]
    )
    return np.asarray(np.tile(middle, len(rows))[: len(values)])


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
