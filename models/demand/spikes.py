"""Values that stand far above what is usual at their hour, for a short while.

They are kept out of profiles, which are to show what repeats. What is fitted keeps them: capping
them there was measured, and hurt (forecasting.md, 7.4).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

SIGMAS = 6.0
"""So many robust standard deviations (1.4826 times the median deviation) are usual at most."""
RUN_MAX = 3
"""What lasts longer is not a spike but a new level, or a long errand."""
SHARE_MIN = 0.1
"""A deviation is taken for at least this share of the median: else a flat series is all spikes."""


def usual_most(values: Sequence[float | None], hours: Sequence[int]) -> Mapping[int, float]:
    """What is usual at most in each hour; hours in which nothing is usual but zero are left out.

    `hours` are those of `values`; a value that is None was not measured.
    """
    by_hour: defaultdict[int, list[float]] = defaultdict(list)
    for value, hour in zip(values, hours, strict=True):
        if value is not None:
            by_hour[hour].append(value)
    most = {}
    for hour, found in by_hour.items():
        middle = median(found)
        deviation = 1.4826 * median(abs(value - middle) for value in found)
        spread = max(deviation, SHARE_MIN * abs(middle))
        if spread > 0:
            most[hour] = middle + SIGMAS * spread
    return most


def spikes(values: Sequence[float | None], hours: Sequence[int]) -> Mapping[int, float]:
    """By index of each spike what is usual there at most.

    A run that is still open at the end may be a new level, it is no spike yet.

    >>> spikes([10.0, 11.0, 90.0, 10.0, 9.0], [0, 0, 0, 0, 0])
    {2: 18.8956}
    """
    most = usual_most(values, hours)
    found: dict[int, float] = {}
    run: list[int] = []
    for index, value in enumerate(values):
        if value is not None and value > most.get(hours[index], float("inf")):
            run.append(index)
            continue
        if len(run) <= RUN_MAX:
            found.update((at, most[hours[at]]) for at in run)
        run = []
    return found
