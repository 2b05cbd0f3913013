"""How fast something grows, and when the room it has is used up."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from math import isfinite
from statistics import median
from typing import NamedTuple

DAY_SECONDS = 86_400.0
POINTS_MAX = 32
SPAN_SECONDS_MAX = 7 * DAY_SECONDS
SPAN_SECONDS_MIN = 3600.0
POINTS_MIN = 4
DAYS_MAX = 3650.0
"""What would take longer is not worth a number."""


class Size(NamedTuple):
    """Bytes at a moment in UTC epoch seconds."""

    at: float
    size_bytes: float


KnownSizes = Mapping[tuple[str, ...], Sequence[Size]]
"""What the store remembers of one source, the oldest first: by (database,), (database, table), and
by ("",) of all of it together."""


def bytes_per_day(sizes: Sequence[Size]) -> float | None:
    """The median of the slopes of all pairs (Theil and Sen): one clean-up or one import among many
    looks does not bend it. None before an hour was seen.

    >>> bytes_per_day([Size(0, 100), Size(7200, 300), Size(14400, 90_000), Size(21600, 700)])
    2400.0
    """
    if len(sizes) < POINTS_MIN or sizes[-1].at - sizes[0].at < SPAN_SECONDS_MIN:
        return None
    slopes = [
        (later.size_bytes - earlier.size_bytes) / (later.at - earlier.at)
        for earlier, later in combinations(sizes, 2)
        if later.at > earlier.at
    ]
    return median(slopes) * DAY_SECONDS if slopes else None


def days_until_full(free_bytes: float | None, growth_per_day: float | None) -> float | None:
    """None where it does not grow, where the room is not known, or beyond ten years.

    >>> days_until_full(10e9, 1e9), days_until_full(10e9, -5.0), days_until_full(0, 1e9)
    (10.0, None, 0.0)
    """
    if free_bytes is None or growth_per_day is None or growth_per_day <= 0:
        return None
    days = max(free_bytes, 0.0) / growth_per_day
    return days if isfinite(days) and days <= DAYS_MAX else None


class Growths:
    """Remembers sizes of the last week by name: few, and the further apart the longer it lasts."""

    def __init__(self, known: KnownSizes | None = None) -> None:
        self._sizes: dict[Hashable, list[Size]] = {
            key: list(sizes) for key, sizes in (known or {}).items()
        }
        self._known: dict[Hashable, float | None] = {
            key: bytes_per_day(sizes) for key, sizes in self._sizes.items()
        }

    def take(self, key: Hashable, size: Size) -> None:
        sizes = [
            known
            for known in self._sizes.get(key, [])
            # A clock that was set back leaves moments of the future behind.
            if size.at - SPAN_SECONDS_MAX <= known.at < size.at
        ]
        if len(sizes) >= POINTS_MAX:
            del sizes[1::2]
        sizes.append(size)
        self._sizes[key] = sizes
        self._known[key] = bytes_per_day(sizes)

    def bytes_per_day(self, key: Hashable) -> float | None:
        return self._known.get(key)

    def forget_all_but(self, keys: set[Hashable]) -> None:
        for key in self._sizes.keys() - keys:
            del self._sizes[key]
            del self._known[key]
