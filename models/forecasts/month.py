"""The won of a bucket to the end of its month: the work `month` of the child.

Beside the plain ways of `models/costs/levels.py`, theta and Holt-Winters with a season of a week
are tried out on the same days; each weighs by what it was worth there.
"""

import warnings
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from models.costs.calibrating import (
    STEPS_MAX,
    Tried,
    Ways,
    combined,
    course_of,
    first_tried,
    plain_ways,
)
from models.costs.course import Course
from models.costs.levels import WEEK, ordinary
from models.costs.month_document import MonthAsked, document_of
from models.costs.periods import day_of
from models.demand.shapes import Measured, Work
from models.forecasts.cycle import Cycle
from models.forecasts.holt_winters import holt_winters, holt_winters_again
from models.forecasts.shapes import Values
from models.forecasts.theta import theta

MICRO = 1_000_000
HALF_DAY_SECONDS = 43_200
FITTED = ("theta", "holt_winters")
LEAST_DAYS, EVERY_DAYS = 35, 3
"""So many days are three weeks at the first day from which is tried, and a fit costs milliseconds.
"""
CYCLE = Cycle(WEEK)
FAILS = (ValueError, IndexError, ArithmeticError, np.linalg.LinAlgError)


def month_document(work: Work) -> dict[str, Any]:
    """JSON for the table month_forecasts; `course` is None where fewer than three days are known.

    `work.measured` are the won of calls of each local day (step 86,400 s, the first begins with a
    local day), `work.args` those of `MonthAsked`. Days that are not over yet are left out.
    Raises KeyError, TypeError and ValueError for args that are none.
    """
    zone = ZoneInfo(work.zone)
    period = MonthAsked.from_json(work.args)
    today = day_of(work.now, zone)
    amounts = whole_days_of(work.measured, today, zone)
    last_day = day_of(period.end_at - 1, zone)
    course = month_course(amounts, today, last_day - today + 1) if last_day >= today else None
    return document_of(period, course, work.now, work.zone)


def month_course(amounts: Sequence[int], first_day: int, steps: int) -> Course | None:
    """As `calibrating.course_of`, by more ways where at least five weeks are known."""
    steps = min(max(steps, 1), STEPS_MAX)
    if len(amounts) < LEAST_DAYS:
        return course_of(amounts, first_day, steps)
    plain = plain_ways(amounts, first_day, steps, EVERY_DAYS)
    usual, added = ordinary([float(amount) for amount in amounts])
    values = np.array(usual)
    places = _places(len(amounts))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # What does not converge is tried out like the rest, and weighs what it is worth.
        warnings.simplefilter("ignore")
        parameters = _parameters(values[: places[0]])
        tried = [
            Tried(
                each.came,
                [*each.told, *_sums(_fitted(values[:place], len(each.came), parameters), added)],
            )
            for place, each in zip(places, plain.tried, strict=True)
        ]
        fitted = _fitted(values, steps, _parameters(values))
    days = [[day + added for day in row] for row in fitted]
    ways = Ways((*plain.names, *FITTED), [*plain.days, *days], tried, EVERY_DAYS)
    return combined(ways, amounts, first_day)


def _places(known: int) -> list[int]:
    """As `plain_ways` has them."""
    return [n for n in range(first_tried(known), known) if (known - n) % EVERY_DAYS == 0]


def _parameters(values: Values) -> tuple[float, ...]:
    """Of Holt-Winters, fitted once for all the days on which it is tried out; (): it fails."""
    try:
        return holt_winters(values, 1, CYCLE).parameters
    except FAILS:
        return ()


def _fitted(values: Values, steps: int, parameters: tuple[float, ...]) -> list[list[float]]:
    """In the order of FITTED; a fit that fails is the mean."""
    return [
        _sound(values, steps, lambda: theta(values, steps, CYCLE)),
        _sound(values, steps, lambda: holt_winters_again(values, steps, CYCLE, parameters).means),
    ]


def _sound(values: Values, steps: int, fit: Callable[[], Values]) -> list[float]:
    """Never under nothing, nor over twice the highest day."""
    mean = values.mean()
    try:
        means = fit()
    except FAILS:
        means = np.full(steps, mean)
    means = np.where(np.isfinite(means), means, mean)
    return [float(each) for each in np.clip(means, 0.0, 2 * values.max())]


def _sums(rows: Sequence[Sequence[float]], added: float) -> list[list[float]]:
    return [list(accumulate(day + added for day in row)) for row in rows]


def whole_days_of(measured: Measured, today: int, zone: ZoneInfo) -> list[int]:
    """Micro-won of each day from the first that cost anything to yesterday.

    A day of which nothing is known counts as the mean of the others.
    """
    first = day_of(measured.start_at + HALF_DAY_SECONDS, zone)
    won = list(measured.values[: max(today - first, 0)])
    begins = next((place for place, each in enumerate(won) if each), len(won))
    known = [each for each in won[begins:] if each is not None]
    if not known:
        return []
    mean = sum(known) / len(known)
    rest = max(today - first - len(won), 0)
    filled = [mean if each is None else each for each in won[begins:]] + [mean] * rest
    return [max(round(each * MICRO), 0) for each in filled]
