"""What would be there if each plan were carried out: nothing is bought yet."""

from collections.abc import Sequence


class Imagined:
    """For one thread. `now` are seconds of a clock that does not step back."""

    def __init__(self) -> None:
        self._since: list[float] = []

    def counts(self, now: float, start_seconds: float) -> tuple[int, int]:
        """How many would be ready, and how many would start."""
        ready = sum(now - since >= start_seconds for since in self._since)
        return ready, len(self._since) - ready

    def paid_seconds(self, now: float, increment_seconds: int) -> Sequence[float]:
        """For how long each would be paid for yet."""
        return tuple(-(now - since) % increment_seconds for since in self._since)

    def follow(self, wanted: int, now: float) -> None:
        """The newest go first, before they are ready."""
        del self._since[max(wanted, 0) :]
        self._since += [now] * (wanted - len(self._since))
