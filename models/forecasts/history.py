"""History first: what a series was, on an even grid, before anything is fitted to it.

The rules are those of forecasting.md, 9.2, and each that was used says so in a sentence.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.demand.shapes import HOUR_SECONDS, NOT_ENOUGH, Measured
from models.demand.spikes import spikes
from models.errors import NoForecast
from models.forecasts.history_cleaning import cleaned
from models.forecasts.history_gaps import DAY_SECONDS, Floats, Truths
from models.forecasts.history_points import NUMBER_MAX, STEPS_MAX, points_to_measured
from models.messages import Message, say

__all__ = ["History", "history_of", "points_to_measured", "profile_values"]

WEEK_DAYS = 7
MISSING_MAX = 0.3
"""With more of the last week unknown nothing is forecast."""
DAYS_MIN = 3
"""Of series whose steps are days; of shorter ones a day is enough."""


@dataclass(frozen=True, slots=True)
class History:
    """What fits look at: oldest first, without NaN.

    `filled` is True where a value was not measured: such a step is no truth to be tested by.
    `widen` multiplies the width of every band: at least 1, more where the history is doubtful.
    `notes` say what was done to it, each a sentence for people.
    """

    start_at: int
    step_seconds: int
    values: Floats
    filled: Truths
    zone: str
    notes: tuple[Message, ...] = ()
    widen: float = 1.0

    @property
    def end_at(self) -> int:
        return self.start_at + self.step_seconds * len(self.values)


class _Grid(NamedTuple):
    """A history in the making: the first value is a number, NaN is what nobody knows."""

    start_at: int
    step_seconds: int
    values: Floats
    notes: tuple[Message, ...] = ()

    def lately(self, marked: Truths) -> float:
        """The share of what is marked in the last week."""
        return float(marked[-max(1, WEEK_DAYS * DAY_SECONDS // self.step_seconds) :].mean())


def history_of(measured: Measured, zone: str, now: int) -> History:
    """What is known of a series at `now`: gaps filled and marked, stalls and old levels gone.

    Steps that are not over at `now` are left out, and missing ones up to it are a gap: of an old
    file let `now` be its end. `zone` is that of the house, in which hours repeat.

    Raises NoForecast where the history carries none; its message says why.
    """
    grid = _whole_steps(measured, now)
    _refuse_short(grid)
    made = cleaned(grid.values, grid.start_at, grid.step_seconds, zone)
    missing = grid.lately(made.missing)
    if missing > MISSING_MAX:
        raise NoForecast(
            say(
                "{percent} % of the last seven days were not measured: nothing is forecast, what "
                "is measured decides",
                percent=round(100 * missing),
            )
        )
    return History(
        made.start_at,
        grid.step_seconds,
        made.values,
        made.unknown,
        zone,
        (*grid.notes, *made.notes, *_notes(made.values, made.missing)),
        made.widen * (1.0 + missing),
    )


def profile_values(values: Floats, steps_a_day: int = 24) -> Floats:
    """A copy for profiles: spikes are no higher than what is usual at their hour.

    Not for what is fitted: a cap there was measured, and hurt (forecasting.md, 7.4).
    """
    hours = [step % max(1, steps_a_day) for step in range(len(values))]
    capped = values.copy()
    for step, most in spikes(values.tolist(), hours).items():
        capped[step] = most
    return capped


def _whole_steps(measured: Measured, now: int) -> _Grid:
    """From the first value to `now`. Raises NoForecast."""
    start_at, step_seconds = measured.start_at, measured.step_seconds
    values = np.array([_number(value) for value in measured.values], dtype=np.float64)
    over = max(0, (now - start_at) // step_seconds)
    ahead = bool(np.isfinite(values[over + 1 :]).any())
    values = values[:over]
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        raise NoForecast(
            say("nothing was measured yet: a forecast begins after 24 hours with values")
        )
    first, last = int(known[0]), int(known[-1])
    silent = (now - start_at - (last + 1) * step_seconds) // DAY_SECONDS
    if silent >= WEEK_DAYS:
        raise NoForecast(
            say(
                "nothing was measured for {days} days: nothing is forecast; see whether its "
                "source still answers",
                days=silent,
            )
        )
    values = np.pad(values, (0, over - len(values)), constant_values=np.nan)
    notes = (say("values of a time still to come were left out: a clock stood wrong"),)
    grid = _Grid(
        start_at + first * step_seconds, step_seconds, values[first:], notes if ahead else ()
    )
    return _bounded(grid)


def _number(value: float | None) -> float:
    return float(value) if value is not None and abs(value) < NUMBER_MAX else float("nan")


def _bounded(grid: _Grid) -> _Grid:
    """At most STEPS_MAX steps: short ones become hours, then only the newest are looked at."""
    if len(grid.values) > STEPS_MAX and grid.step_seconds < HOUR_SECONDS:
        grid = _as_hours(grid)
    extra = max(0, len(grid.values) - STEPS_MAX)
    extra += int(np.argmin(np.isnan(grid.values[extra:])))
    start_at = grid.start_at + extra * grid.step_seconds
    return grid._replace(start_at=start_at, values=grid.values[extra:])


def _as_hours(grid: _Grid) -> _Grid:
    """The mean of what is known of each hour; one that is not over is left out."""
    times = grid.start_at + grid.step_seconds * np.arange(len(grid.values))
    whole = times < (times[-1] + grid.step_seconds) // HOUR_SECONDS * HOUR_SECONDS
    hours = points_to_measured(times[whole], grid.values[whole], HOUR_SECONDS, "mean")
    values = np.array([_number(value) for value in hours.values], dtype=np.float64)
    return _Grid(
        hours.start_at,
        HOUR_SECONDS,
        values,
        (*grid.notes, say("its steps were too many: the mean of each hour is looked at")),
    )


def _refuse_short(grid: _Grid) -> None:
    """Raises NoForecast."""
    if grid.step_seconds >= DAY_SECONDS and len(grid.values) < DAYS_MIN:
        raise NoForecast(
            say(
                "only {count} days are known: nothing is forecast before {least}",
                count=len(grid.values),
                least=DAYS_MIN,
            )
        )
    if len(grid.values) * grid.step_seconds < DAY_SECONDS:
        raise NoForecast(NOT_ENOUGH)


def _notes(values: Floats, missing: Truths) -> list[Message]:
    notes = []
    if missing.any():
        notes.append(
            say("steps that were not measured and are filled in: {count}", count=int(missing.sum()))
        )
    if values.min() == values.max():
        notes.append(say("it never changed: {value} all the time", value=f"{values[0]:g}"))
    return notes
