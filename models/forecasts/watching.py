"""How a long fit says how far it is, and learns that its time is up. The clock is a parameter."""

from collections.abc import Callable

from models.errors import OutOfTime
from models.messages import Message, say


def nobody(part: float, what: Message) -> None:
    """For fits that nobody waits for."""


class Watch:
    """`clock` counts seconds of CPU; `tell` hears which part (0 to 1) is done, and what is next.

    >>> heard = []
    >>> watch = Watch(iter([0.0, 1.0, 9.0]).__next__, 5.0, lambda part, what: heard.append(part))
    >>> watch.at(0.5, say("theta")), heard
    (None, [0.5])
    >>> watch.at(0.7, say("theta"))
    Traceback (most recent call last):
    models.errors.OutOfTime: given up after 5 s: theta
    """

    def __init__(
        self,
        clock: Callable[[], float] = float,
        seconds_max: float = float("inf"),
        tell: Callable[[float, Message], None] = nobody,
    ) -> None:
        self._clock, self._tell = clock, tell
        self._seconds_max = seconds_max
        self._began = clock()

    def at(self, part: float, what: Message) -> None:
        """Raises OutOfTime."""
        if self._clock() - self._began > self._seconds_max:
            raise OutOfTime(
                say(
                    "given up after {seconds} s: {what}",
                    seconds=f"{self._seconds_max:g}",
                    what=what,
                )
            )
        self._tell(part, what)
