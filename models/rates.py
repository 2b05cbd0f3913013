"""Rates out of counters that only grow, until somebody resets them."""

from collections.abc import Hashable


class Rates:
    """Remembers the last value of each counter and gives growth per second.

    Pure but for its memory: the clock is a parameter. A counter seen for the first time, a
    counter that went back (reset, wrap, re-plugged device) and one that grew by more than
    `per_second_max` have no rate: None, which is stored as a gap and never drawn as a spike.

    >>> rates = Rates()
    >>> rates.per_second("bytes", 100, 10.0), rates.per_second("bytes", 300, 20.0)
    (None, 20.0)
    >>> rates.per_second("bytes", 5, 30.0), rates.per_second("bytes", 25, 40.0)
    (None, 2.0)
    """

    def __init__(self) -> None:
        self._last: dict[Hashable, tuple[float, float]] = {}

    def per_second(
        self,
        key: Hashable,
        count: float,
        monotonic_seconds: float,
        per_second_max: float | None = None,
    ) -> float | None:
        before = self._last.get(key)
        self._last[key] = (count, monotonic_seconds)
        if before is None or monotonic_seconds <= before[1] or count < before[0]:
            return None
        rate = (count - before[0]) / (monotonic_seconds - before[1])
        return None if per_second_max is not None and rate > per_second_max else rate

    def forget_all_but(self, keys: set[Hashable]) -> None:
        """Drop counters that are gone, so that devices that come and go do not pile up."""
        for key in self._last.keys() - keys:
            del self._last[key]
