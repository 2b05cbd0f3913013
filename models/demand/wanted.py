"""What of a series is demand: what nothing refuses or starves.

While a budget refuses calls, a series shows what was let through, not what was wanted; and what
then waits is not waiting for machines. Such hours are gaps for a fit, and no truths for a judge.
"""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from models.demand.shapes import Measured
from models.messages import Message, say
from models.settings.target import TargetKind

REFUSED_SHARE = 0.05
"""Of all calls of an hour; with fewer refused, the hour is nearly what was wanted."""
REFUSED_MIN = 3
"""Where nobody knows how many calls were served: fewer are one that was too large, tried again."""
CATCH_UP_RATIO = 1.5
CATCH_UP_STEPS_MAX = 24
"""What waited comes at once when money is there again: so many times the usual, for so long."""
UNTOUCHED: tuple[TargetKind, ...] = ("arrivals",)
"""Work comes whether or not calls are refused: what arrives is demand as it stands."""


class Wanted(NamedTuple):
    """`measured` has None where a step was starved; `why` says how many were, and what of."""

    measured: Measured
    starved: tuple[bool, ...]
    why: Message | None


def wanted(
    measured: Measured,
    kind: TargetKind,
    refused: Sequence[int],
    served: Sequence[float | None] | None = None,
    blocked_work: Sequence[float | None] | None = None,
) -> Wanted:
    """What was wanted, of what was measured.

    A value for each step of `measured`: `refused` is how many calls its budget refused, `served`
    how many it let through (None: of `calls` the series itself, of others not known), and
    `blocked_work` how much waited for money: it is no part of a queue.

    Raises ValueError where a list has another length.
    """
    known = served if served is not None else measured.values if kind == "calls" else None
    for given in (refused, known, blocked_work):
        if given is not None and len(given) != len(measured.values):
            raise ValueError(f"{len(given)} values do not fit {len(measured.values)} steps")
    if kind in UNTOUCHED:
        return Wanted(measured, (False,) * len(measured.values), None)
    values = list(measured.values)
    starved = _refusing(refused, known)
    if kind == "queue" and blocked_work is not None:
        values = [_less(value, waits) for value, waits in zip(values, blocked_work, strict=True)]
        starved = [
            hungry and waits is None for hungry, waits in zip(starved, blocked_work, strict=True)
        ]
    else:
        _still_blocked(starved, values)
        _catching_up(starved, values)
    kept = tuple(None if hungry else value for hungry, value in zip(starved, values, strict=True))
    return Wanted(measured._replace(values=kept), tuple(starved), _why(starved, measured))


def _refusing(refused: Sequence[int], served: Sequence[float | None] | None) -> list[bool]:
    if served is None:
        return [count >= REFUSED_MIN for count in refused]
    return [
        count > 0 and count > REFUSED_SHARE * (count + (through or 0.0))
        for count, through in zip(refused, served, strict=True)
    ]


def _less(value: float | None, waits: float | None) -> float | None:
    return value if value is None or waits is None else max(0.0, value - waits)


def _still_blocked(starved: list[bool], values: Sequence[float | None]) -> None:
    """Who was refused for long asks no more: nothing after a starved step is not rest."""
    for step in range(1, len(starved)):
        if starved[step - 1] and not values[step]:
            starved[step] = True


def _catching_up(starved: list[bool], values: Sequence[float | None]) -> None:
    """What waited and then came at once, for no longer than it had waited."""
    usual = [
        value
        for value, hungry in zip(values, starved, strict=True)
        if value is not None and not hungry
    ]
    if not usual:
        return
    most = CATCH_UP_RATIO * median(usual)
    left = 0
    for step, value in enumerate(values):
        if starved[step]:
            left = min(left + 1, CATCH_UP_STEPS_MAX)
        elif left and value is not None and value > most > 0:
            starved[step] = True
            left -= 1
        else:
            left = 0


def _why(starved: Sequence[bool], measured: Measured) -> Message | None:
    count = sum(starved)
    if not count:
        return None
    return say(
        "steps in which its budget refused calls, or in which what had waited came at once: "
        "{count} of {all}; they are not demand and do not count",
        count=count,
        all=len(measured.values),
    )
