"""What was forecast at each minute of a replay, by the fits that were known then."""

from collections.abc import Sequence
from math import sqrt

from models.messages import Message
from models.scaling.fleet import MINUTE_SECONDS
from models.scaling.policies import BUCKET_MINUTES, Outlook
from models.scaling.shapes import BUCKET_SECONDS, ShortFit
from models.scaling.short import MORE_THAN_SEEN, highs_at
from models.scaling.simulate import Trace


def no_outlook(_: int) -> None:
    """Nothing is forecast."""


def steps_of(demand: Sequence[float | None]) -> list[float | None]:
    """Steps of five minutes, each as high as its highest minute; the last is whole."""
    return [
        max((each for each in demand[at : at + BUCKET_MINUTES] if each is not None), default=None)
        for at in range(0, len(demand) // BUCKET_MINUTES * BUCKET_MINUTES, BUCKET_MINUTES)
    ]


def outlook_of(
    trace: Trace, fits: Sequence[tuple[int, ShortFit]], q: float, capacity: float
) -> Outlook:
    """`fits`: from which minute on each was known, oldest first.

    A step is forecast once; the highest step that is known by then bounds it.
    """
    steps = steps_of(trace.demand)
    roots: list[float | None] = [None if each is None else sqrt(max(each, 0.0)) for each in steps]
    seen, highest = [], 0.0
    for each in steps:
        highest = max(highest, each or 0.0)
        seen.append(highest)
    first = trace.start_at // BUCKET_SECONDS
    known: dict[int, Sequence[float] | None] = {}

    def outlook(minute: int) -> Sequence[float] | None:
        last = minute // BUCKET_MINUTES - 1
        if last not in known:
            fit = next((fit for since, fit in reversed(fits) if since <= minute), None)
            known[last] = None
            if fit is not None and last >= 0:
                limits = (seen[last] * MORE_THAN_SEEN, capacity)
                highs = highs_at(fit, roots, (last, first + last), q, limits)
                known[last] = None if isinstance(highs, Message) else highs
        return known[last]

    return outlook


def minutes_of(values: Sequence[float | None], step_seconds: int) -> list[float]:
    """Each step at its height for all its minutes; what is not measured stays as it was."""
    minutes, height = [], 0.0
    for each in values:
        height = height if each is None else max(each, 0.0)
        minutes += [height] * (step_seconds // MINUTE_SECONDS)
    return minutes
