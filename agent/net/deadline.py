"""A limit for the whole of an exchange, however many steps and reads it takes."""

import time

MARGIN_SECONDS = 0.2
"""How much earlier it ends, so that a source ends with a reason and is not taken for hanging."""


class Deadline:
    """A peer that sends one byte a second keeps within every limit of a single read."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = time.monotonic() + max(seconds - MARGIN_SECONDS, MARGIN_SECONDS)

    def left(self) -> float:
        """Seconds until the limit. Raises TimeoutError when it is reached."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def share(self, count: int) -> float:
        """Seconds for the next of `count` steps that may each be the one that hangs."""
        return self.left() / count
