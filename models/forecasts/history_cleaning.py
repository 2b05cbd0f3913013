"""A history cleaned: stalls settled, old levels forgotten, gaps filled; until nothing is found."""

from typing import NamedTuple

import numpy as np

from models.demand.shapes import HOUR_SECONDS
from models.forecasts.history_gaps import Floats, Truths, filled
from models.forecasts.history_shifts import Shift, last_shift
from models.forecasts.history_stalls import Settled, settled
from models.messages import Message, say

AFTER_SHIFT_SECONDS, AFTER_SHIFT_STEPS = 72 * HOUR_SECONDS, 7
"""So much must be known of a new level before the old one is forgotten. Measured on real series:
from 72 hours on, a day forecast from what came after alone erred 0.25 to 1.01 times as much (11
origins); with 48 to 70 hours it was worse at 3 origins of 5.
"""
WIDEN_SHIFT, WIDEN_DOUBT = 1.5, 1.25
ROUNDS_MAX = 6
"""What is filled in can show what was hidden before; more rounds were never needed."""


class Cleaned(NamedTuple):
    """`values` have no NaN; `unknown` marks what is no truth; `start_at` moves with the cut.

    `missing` marks, of these, where nothing is known at all: no burst tells its sum.
    """

    start_at: int
    values: Floats
    missing: Truths
    unknown: Truths
    notes: tuple[Message, ...]
    widen: float


def cleaned(values: Floats, start_at: int, step_seconds: int, zone: str) -> Cleaned:
    """`values` may have NaN; the first is a number."""
    missing = np.isnan(values)
    made = Cleaned(start_at, values, missing, missing, (), 1.0)
    for _ in range(ROUNDS_MAX):
        before = made
        made = _shifted(_settled(before, step_seconds), step_seconds)
        whole = filled(made.values, made.start_at, step_seconds, zone)
        made = made._replace(values=whole)
        if made.notes == before.notes and not np.isnan(before.values).any():
            break
    return made


def _settled(made: Cleaned, step_seconds: int) -> Cleaned:
    found = settled(made.values, step_seconds)
    gone = np.isnan(found.values)
    if gone.all():
        return made
    made = made._replace(
        values=found.values,
        missing=made.missing | gone,
        unknown=made.unknown | gone | found.spread,
        notes=(*made.notes, *_stall_notes(found)),
    )
    return _cut(made, 0, step_seconds)


def _stall_notes(found: Settled) -> list[Message]:
    told = (
        (
            found.stalls,
            say(
                "standstills that a backlog followed, which was spread over them: {count}",
                count=found.stalls,
            ),
        ),
        (
            found.silences,
            say(
                "times of sudden silence, taken as not measured: {count}",
                count=found.silences,
            ),
        ),
        (
            found.frozen,
            say(
                "times a value stood still for hours, taken as not measured: {count}",
                count=found.frozen,
            ),
        ),
    )
    return [note for count, note in told if count]


def _shifted(made: Cleaned, step_seconds: int) -> Cleaned:
    shift = last_shift(made.values, step_seconds)
    if shift is None:
        return made
    hours = (len(made.values) - shift.at) * step_seconds // HOUR_SECONDS
    steps = len(made.values) - shift.at
    enough = steps >= AFTER_SHIFT_STEPS and hours * HOUR_SECONDS >= AFTER_SHIFT_SECONDS
    note = _shift_note(shift, hours, enough)
    if note not in made.notes:
        widen = WIDEN_SHIFT if enough or shift.unit else WIDEN_DOUBT
        made = made._replace(widen=max(made.widen, widen), notes=(*made.notes, note))
    if shift.unit:
        values = made.values.copy()
        values[: shift.at] *= shift.unit
        return made._replace(values=values)
    return _cut(made, shift.at, step_seconds) if enough else made


def _shift_note(shift: Shift, hours: int, enough: bool) -> Message:
    if shift.unit:
        return say(
            "the unit seems to have changed {hours} hours ago: what was before is counted "
            "{factor} times, and the band is wider",
            hours=hours,
            factor=f"{shift.unit:g}",
        )
    if enough:
        return say(
            "the level changed {hours} hours ago: only what came after is looked at, and the "
            "band is wider",
            hours=hours,
        )
    return say(
        "the level changed {hours} hours ago, too lately to forget what was before: the band is "
        "wider",
        hours=hours,
    )


def _cut(made: Cleaned, step: int, step_seconds: int) -> Cleaned:
    """From `step` on, or from the first value after it."""
    step += int(np.argmin(np.isnan(made.values[step:])))
    return made._replace(
        start_at=made.start_at + step * step_seconds,
        values=made.values[step:],
        missing=made.missing[step:],
        unknown=made.unknown[step:],
    )
