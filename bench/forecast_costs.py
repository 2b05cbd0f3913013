"""What forecasts cost, in the child that the agent and the app use: data/fitting.

Fifty targets of 672 hours each are fitted as once a day, then forecast anew as every hour.
"""

import resource
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bench.forecast_protocol import HISTORY, STEPS, Window
from bench.forecast_series import HOUR
from bench.forecast_verdict import Claim
from data.fitting.apart import fit
from models.demand.shapes import Done, Measured, Recipe, Work

DAILY_SECONDS_MAX, REFRESH_SECONDS_MAX, FIFTY_SECONDS_MAX = 0.60, 0.10, 60.0
TARGETS = 50
EPOCH = 1_704_067_200
"""Midnight, 2024-01-01 UTC: a stamp for series that have none."""


class Costs(NamedTuple):
    """CPU seconds of each fit; of the whole child with what it loads; and by the clock."""

    daily: list[float]
    refresh: list[float]
    child_seconds: float
    wall_seconds: float
    problems: list[str]


def cost(windows: Sequence[Window], targets: int = TARGETS) -> Costs | None:
    """None where no series has 672 hours. Different windows as far as there are enough."""
    long = [window.history for window in windows if len(window.history) == HISTORY]
    if not long:
        return None
    chosen = [long[place * len(long) // targets] for place in range(targets)]
    works = [_work(f"target {place}", values) for place, values in enumerate(chosen)]
    began, spent = time.monotonic(), _children_seconds()
    fitted = list(fit(works))
    wall, child = time.monotonic() - began, _children_seconds() - spent
    again = [_again(work, done) for work, done in zip(works, fitted, strict=True) if done.answer]
    refreshed = list(fit(again))
    problems = [f"{done.key}: {done.problem}" for done in (*fitted, *refreshed) if done.problem]
    return Costs(_seconds(fitted), _seconds(refreshed), child, wall, problems)


def _work(name: str, values: np.ndarray) -> Work:
    measured = Measured(EPOCH, HOUR, tuple(values.tolist()))
    args = {"recipe": Recipe().as_json(), "steps": STEPS}
    return Work(name, "daily", measured, "UTC", measured.end_at, args)


def _again(work: Work, done: Done) -> Work:
    """From the state of the day, an hour later: the oldest value is gone, one more is known."""
    assert isinstance(done.answer, Mapping)
    values = work.measured.values
    later = Measured(EPOCH + HOUR, HOUR, (*values[1:], values[-24]))
    args = {"state": done.answer["state"], "steps": STEPS}
    return Work(work.key, "refresh", later, "UTC", later.end_at, args)


def _seconds(done: Sequence[Done]) -> list[float]:
    return [each.cpu_seconds for each in done if each.problem is None] or [float("nan")]


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def claims(costs: Costs, targets: int = TARGETS) -> list[Claim]:
    """The slowest fit counts but for the slowest twentieth, in which the machine did other work."""
    fifty = costs.child_seconds + (TARGETS / targets - 1) * sum(costs.daily)
    return [
        _claim("CPU of fit, backtest and 24 steps", costs.daily, DAILY_SECONDS_MAX),
        _claim("CPU of a refresh", costs.refresh, REFRESH_SECONDS_MAX),
        Claim(
            f"CPU of {TARGETS} targets in the child, its start included",
            f"{fifty:.1f} s (by the clock {costs.wall_seconds:.0f} s)",
            f"at most {FIFTY_SECONDS_MAX:.0f} s",
            fifty <= FIFTY_SECONDS_MAX,
        ),
    ]


def _claim(what: str, seconds: Sequence[float], limit: float) -> Claim:
    middle, high = np.percentile(seconds, [50, 95])
    measured = f"{high:.3f} s (median {middle:.3f})"
    return Claim(f"{what}, p95", measured, f"at most {limit:.2f} s", bool(high <= limit))
