"""When the hour is looked at: some minutes after it is over, in each house at another one."""

import random

from models.tiers import HOUR_SECONDS

START_SECONDS = 20.0
"""After a start others come first."""
AFTER_SECONDS = (120.0, 360.0)
"""By then the store has what came in the last minutes of the hour."""
LEAST_SECONDS = 1_500.0
"""Between two looks, whatever the wall clock does."""


class Turns:
    """The hour by the wall clock, the distance of two looks by the monotonic one (seconds)."""

    def __init__(self, monotonic: float, start_seconds: float = START_SECONDS) -> None:
        self._after = random.uniform(*AFTER_SECONDS)  # noqa: S311  no secret
        self._due_at = monotonic + start_seconds
        self._hour: int | None = None

    def take(self, wall: float, monotonic: float) -> bool:
        """Whether an hour is to be looked at now; then it is taken."""
        hour = int(wall - self._after) // HOUR_SECONDS
        if hour == self._hour or monotonic < self._due_at:
            return False
        self._hour, self._due_at = hour, monotonic + LEAST_SECONDS
        return True

    def again(self) -> None:
        """At the next question, whatever the clocks say: the settings are others."""
        self._hour, self._due_at = None, float("-inf")
