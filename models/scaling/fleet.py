"""The machines of a simulation: ordered, ready, paid for, let go. Minutes count from its begin."""

from collections import deque
from math import ceil

from models.scaling.rules import Rules

MINUTE_SECONDS = 60


class Fleet:
    """Changes as it is told; `charged_steps` are the steps that were begun of machines let go."""

    def __init__(self, rules: Rules, begin: int, ready: int) -> None:
        self.start_minutes = ceil(rules.start_seconds / MINUTE_SECONDS)
        self._increment = rules.increment_seconds
        self._ready = [begin] * ready
        self._pending: deque[tuple[int, int]] = deque()
        self._finished_steps = 0

    @property
    def ready(self) -> int:
        return len(self._ready)

    @property
    def pending(self) -> int:
        return len(self._pending)

    @property
    def there(self) -> int:
        return len(self._ready) + len(self._pending)

    def wake(self, minute: int) -> None:
        """Those whose time has come are ready."""
        while self._pending and self._pending[0][1] <= minute:
            self._ready.append(self._pending.popleft()[0])

    def order(self, number: int, minute: int) -> None:
        self._pending.extend([(minute, minute + self.start_minutes)] * number)
        if not self.start_minutes:
            self.wake(minute)

    def let_go(self, number: int, minute: int) -> None:
        """The newest that are not ready first, then those whose paid time ends first."""
        for _ in range(number):
            if self._pending:
                since = self._pending.pop()[0]
            else:
                since = min(self._ready, key=lambda each: self._paid_seconds(each, minute))
                self._ready.remove(since)
            self._finished_steps += self._steps(since, minute)

    def paid_seconds(self, minute: int) -> tuple[float, ...]:
        """How long each is paid for yet."""
        return tuple(self._paid_seconds(since, minute) for since in self._since())

    def charged_seconds(self, minute: int) -> int:
        """All steps that were begun by the beginning of this minute."""
        running = sum(self._steps(since, minute) for since in self._since())
        return (self._finished_steps + running) * self._increment

    def _since(self) -> list[int]:
        return [*self._ready, *(since for since, _ in self._pending)]

    def _steps(self, since: int, minute: int) -> int:
        return -(-(minute - since) * MINUTE_SECONDS // self._increment)

    def _paid_seconds(self, since: int, minute: int) -> float:
        return float(-((minute - since) * MINUTE_SECONDS) % self._increment)
