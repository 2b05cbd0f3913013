"""The part of a span in which an analysis ran, and how losses in it become minutes a day."""

from collections.abc import Iterable
from typing import NamedTuple

from models.bottlenecks.inputs import StageRuns
from models.tiers import DAY_SECONDS


class Window(NamedTuple):
    active_seconds: float

    @property
    def days(self) -> float:
        """At least one: of an hour's loss no day's is made up."""
        return max(1.0, self.active_seconds / DAY_SECONDS)

    def minutes_a_day(self, waiting: float) -> float:
        """Of so many that waited (or were blocked, or busy) on average.

        >>> Window(DAY_SECONDS).minutes_a_day(0.5), Window(3600).minutes_a_day(1.0)
        (720.0, 60.0)
        """
        return waiting * self.active_seconds / 60 / self.days


def window_of(runs: Iterable[StageRuns], since: float, until: float) -> Window:
    """From the first arrival to the last end; to the end of the span where something still runs.

    What happened outside of [since, until) is cut off, and so is what a wrong clock says.
    """
    rows = list(runs)
    begins = [row.first_at for row in rows if row.first_at is not None]
    ends = [row.last_at for row in rows if row.last_at is not None]
    if any(row.running or row.queued for row in rows) or not ends:
        ends.append(until)
    first = min(begins, default=since)
    return Window(max(1.0, min(max(ends), until) - max(first, since)))
