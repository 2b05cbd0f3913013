"""How often the holder of one token may ask."""

from collections.abc import Callable

REQUESTS_PER_SECOND = 10.0
"""Forty machines that push every ten seconds, and some that catch up."""
BURST = 100.0


class Turnstile:
    """For one thread. Each name has a bucket that fills by itself and gives one for a request."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        per_second: float = REQUESTS_PER_SECOND,
        burst: float = BURST,
    ) -> None:
        self._monotonic = monotonic
        self._per_second = per_second
        self._burst = burst
        self._levels: dict[str, tuple[float, float]] = {}

    def wait_seconds(self, name: str) -> float:
        """0 where the request may pass; else how long to wait before the next.

        >>> now = iter([0.0, 0.0, 0.0, 0.5])
        >>> turnstile = Turnstile(lambda: next(now), per_second=2, burst=2)
        >>> [turnstile.wait_seconds("grafana") for _ in range(4)]
        [0.0, 0.0, 0.5, 0.0]
        """
        now = self._monotonic()
        level, before = self._levels.get(name, (self._burst, now))
        level = min(self._burst, level + (now - before) * self._per_second)
        passes = level >= 1
        self._levels[name] = (level - 1 if passes else level, now)
        return 0.0 if passes else (1 - level) / self._per_second
