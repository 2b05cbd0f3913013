"""What an hour of the week is like: the picture of a series that repeats."""

from collections import defaultdict
from statistics import fmean, median
from typing import NamedTuple

from models.demand.local import hour_and_weekday
from models.demand.shapes import Measured
from models.demand.spikes import spikes

HOURS, WEEKDAYS = 24, 7
HIGH = 0.9


class Cell(NamedTuple):
    """An hour of the week, over all weeks: `high` is exceeded in one of ten, `times` it was
    measured.
    """

    median: float
    mean: float
    high: float
    times: int


class Profile(NamedTuple):
    """`cells` has a row for each weekday (Monday first) with 24 hours of the house's zone.

    None: nothing was measured there. `spikes` values stood far above what is usual at their hour
    and were kept out.
    """

    cells: tuple[tuple[Cell | None, ...], ...]
    spikes: int = 0

    @property
    def busiest(self) -> tuple[int, int] | None:
        """Weekday and hour with the highest median; the earliest of equals."""
        known = [
            (-cell.median, day, hour)
            for day, row in enumerate(self.cells)
            for hour, cell in enumerate(row)
            if cell is not None
        ]
        return min(known)[1:] if known else None


def quantile(ordered: list[float], q: float) -> float:
    """Between the two nearest of values in order, as numpy has it.

    >>> quantile([1.0, 2.0, 4.0], 0.75)
    3.0
    """
    place = q * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def profile(measured: Measured, zone: str) -> Profile:
    """The hours of the week of a series; a step counts for the hour in which it begins."""
    steps = range(len(measured.values))
    places = [
        hour_and_weekday(measured.start_at + measured.step_seconds * step, zone) for step in steps
    ]
    left_out = spikes(measured.values, [hour for hour, _ in places])
    found: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for step, value in enumerate(measured.values):
        if value is not None and step not in left_out:
            found[places[step]].append(value)
    cells = {place: _cell(sorted(values)) for place, values in found.items()}
    rows = tuple(tuple(cells.get((hour, day)) for hour in range(HOURS)) for day in range(WEEKDAYS))
    return Profile(rows, len(left_out))


def _cell(ordered: list[float]) -> Cell:
    return Cell(median(ordered), fmean(ordered), quantile(ordered, HIGH), len(ordered))
