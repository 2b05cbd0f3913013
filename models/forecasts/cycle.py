"""What repeats in a series, in steps of its grid."""

from typing import NamedTuple

from models.demand.shapes import Season

DAY_SECONDS = 86_400


class Cycle(NamedTuple):
    """`short` and `long` are whole cycles in steps, `long` a multiple of `short`; 0: none."""

    short: int
    long: int = 0

    def lag(self, n: int) -> int:
        """The longest cycle that `n` steps hold twice, else the shorter one; 1 where none is."""
        return self.long if self.long and n >= 2 * self.long else max(self.short, 1)


def cycle_of(step_seconds: int, season: Season = "auto") -> Cycle:
    """Of an hourly series day and week are 24 and 168 steps; of a daily one a week is 7.

    >>> cycle_of(3_600), cycle_of(3_600, "week"), cycle_of(86_400)
    (Cycle(short=24, long=168), Cycle(short=168, long=0), Cycle(short=7, long=0))
    """
    if season == "none":
        return Cycle(0)
    day = DAY_SECONDS // step_seconds
    if day < 2:
        return Cycle(max(7 * DAY_SECONDS // step_seconds, 0) if season != "day" else 0)
    if season == "week":
        return Cycle(7 * day)
    return Cycle(day, 0 if season == "day" else 7 * day)
