"""The probe's wall clock, set right by the hub's when the two disagree."""

import threading
import time
from collections.abc import Callable

SKEW_SECONDS_MAX = 5.0
"""As far the probe's own clock is believed."""


class HubClock:
    """While the clocks agree, the machine's own; else the hub's time, carried on monotonically.

    Thread-safe: what is exchanged is one tuple.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own_wall = wall
        self._monotonic = monotonic
        self._anchor: tuple[float, float] | None = None
        self._lock = threading.Lock()
        self.skew_seconds = 0.0
        """Hub's time less ours, as of the last answer."""

    @property
    def is_corrected(self) -> bool:
        return self._anchor is not None

    def wall(self) -> float:
        """UTC epoch seconds as the hub counts them."""
        anchor = self._anchor
        if anchor is None:
            return self._own_wall()
        return anchor[0] + self._monotonic() - anchor[1]

    def learn(self, hub_at: float, round_trip_seconds: float) -> bool:
        """Take in what the hub says; True when moments are counted differently from now on."""
        with self._lock:
            at = hub_at + round_trip_seconds / 2
            self.skew_seconds = at - self._own_wall()
            is_off = abs(self.skew_seconds) > SKEW_SECONDS_MAX
            if not is_off:
                was_corrected, self._anchor = self.is_corrected, None
                return was_corrected
            if self.is_corrected and abs(at - self.wall()) <= SKEW_SECONDS_MAX:
                return False
            self._anchor = (at, self._monotonic())
            return True
