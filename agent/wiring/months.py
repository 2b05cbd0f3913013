"""The loop that closes months."""

from agent.closing import Closing
from agent.sampling import Clocks
from agent.ticking import Ticking
from models.messages import Message
from models.watchdog import Tick

EVERY_SECONDS = 60.0


class ClosingLoop:
    """Has a thread of its own: to add up a month takes a while, and nobody waits for it."""

    def __init__(self, closing: Closing, clocks: Clocks) -> None:
        self.take_over = closing.take_over
        self._closing = closing
        self._ticking = Ticking("months", closing.step, EVERY_SECONDS, clocks)
        self.start = self._ticking.start

    @property
    def problem(self) -> Message | None:
        return self._closing.problem

    def tick(self) -> Tick:
        return Tick(self._ticking.ticked_at, EVERY_SECONDS)

    def stop(self, seconds: float) -> None:
        """What is under way is done anew after the next start."""
        self._ticking.stop(seconds)
