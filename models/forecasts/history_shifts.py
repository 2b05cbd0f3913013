"""Levels that changed and stayed so: what was before says little about what comes.

The rule of forecasting.md, 9.2, asks the errors of a running forecast; this one asks the history
itself. Days are those before its end: each is compared with the same day of the week before, so
that a weekend is no change of level, and growth is none either.
"""

from typing import NamedTuple

import numpy as np

from models.forecasts.history_gaps import DAY_SECONDS, Floats

WEEK = 7
RATIO_MIN = 1.5
NOISES_MIN, NOISES_MIN_ONE = 3.0, 5.0
"""A jump is so many times the usual difference from the week before; that of a single day more."""
FLOOR_SHARE = 0.05
ZEROS_SHARE = 0.2
"""With more zeros the level of a day is its mean: its median says too little of rare work."""
UNITS = (60.0, 100.0, 1_000.0, 1_024.0, 3_600.0, 1e6, 1_048_576.0, 1e9)
UNIT_TOLERANCE = 0.1


class Shift(NamedTuple):
    """`at` is the first step of the new level; `unit` is 0, or what the old one is to be
    multiplied by, since it looks as if only the unit had changed.
    """

    at: int
    ratio: float
    unit: float = 0.0


def last_shift(values: Floats, step_seconds: int) -> Shift | None:
    """The newest change of level that lasts to the end; values may have NaN."""
    per_day = max(1, DAY_SECONDS // step_seconds)
    count = len(values) // per_day
    if count < 4:
        return None
    days = values[len(values) - count * per_day :].reshape(count, per_day)
    level = _mean if np.mean(values == 0) > ZEROS_SHARE else _median
    levels = np.array([level(day) for day in days])
    for day in range(count - 1, 2, -1):
        ratio = _jump(levels, day)
        if ratio is not None:
            at = _refined(values, len(values) - (count - day) * per_day, per_day, ratio)
            return Shift(at, ratio, _unit(ratio))
    return None


def _median(values: Floats) -> float:
    found = values[~np.isnan(values)]
    return float(np.median(found)) if len(found) else float("nan")


def _mean(values: Floats) -> float:
    found = values[~np.isnan(values)]
    return float(np.mean(found)) if len(found) else float("nan")


def _jump(levels: Floats, day: int) -> float | None:
    """New level over old, where the level of days changed with `day` and stayed; else None."""
    after = levels[day:]
    if day >= WEEK:
        partners = np.resize(levels[day - WEEK : day], len(after))
        usual = np.abs(levels[WEEK:day] - levels[: day - WEEK])
    else:
        partners, usual = np.full(len(after), _median(levels[:day])), np.empty(0)
    if len(usual) < 3:
        usual = np.abs(np.diff(levels[:day]))
    jumps = after - partners
    first = jumps[:WEEK][~np.isnan(jumps[:WEEK])]
    if not len(first) or (day < WEEK and len(first) < 3):
        return None
    old, new, jump = _median(partners[:WEEK]), _median(after[:WEEK]), float(np.median(first))
    noises = NOISES_MIN if len(first) > 1 else NOISES_MIN_ONE
    least = noises * np.nan_to_num(_median(usual)) + FLOOR_SHARE * abs(old)
    if np.abs(first).min() <= least or len(set(np.sign(first))) > 1:
        return None
    eve = levels[day - 1 - WEEK] if day > WEEK else _median(levels[: day - 1])
    sharp = not abs(levels[day - 1] - eve) >= abs(jump) / 2
    stays = _median(jumps[-3:]) / jump > 0.5
    return _ratio(old, new, 1.0 if day >= WEEK else 2.0) if sharp and stays else None


def _ratio(old: float, new: float, strictness: float) -> float | None:
    """None where it is no change of level that matters."""
    if old * new <= 0:
        return float("inf") if abs(new) > abs(old) else 0.0
    ratio = new / old
    return ratio if max(ratio, 1 / ratio) >= RATIO_MIN * strictness else None


def _refined(values: Floats, at: int, per_day: int, ratio: float) -> int:
    """Within a day of `at`: where old values before and new ones after fit best."""
    first, last = at - per_day, min(len(values), at + per_day)
    span = values[first:last]
    if first >= WEEK * per_day:
        old = values[first - WEEK * per_day : last - WEEK * per_day]
    else:
        old = np.tile(_hours(values[first % per_day : first], per_day), 2)[: len(span)]
    if 0 < ratio < float("inf"):
        new = old * ratio
    else:
        new = np.tile(_hours(values[at:], per_day), 2)[: len(span)]
    if np.isnan(old).all() or np.isnan(new).all():
        return at
    costs_old = np.nancumsum(np.concatenate(([0.0], np.abs(span - old))))
    costs_new = np.nancumsum(np.concatenate(([0.0], np.abs(span - new))))
    return first + int(np.argmin(costs_old + costs_new[-1] - costs_new))


def _hours(values: Floats, per_day: int) -> Floats:
    """The median of each hour of whole days, counted from the first value."""
    days = values[: len(values) // per_day * per_day].reshape(-1, per_day)
    return np.array([_median(hour) for hour in days.T]) if len(days) else np.full(per_day, np.nan)


def _unit(ratio: float) -> float:
    for unit in UNITS:
        for factor in (unit, 1 / unit):
            if abs(ratio / factor - 1) <= UNIT_TOLERANCE:
                return factor
    return 0.0
