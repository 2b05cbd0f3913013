"""How something is run again, as whoever carries it out sees it."""

from typing import NamedTuple, Protocol

from models.messages import Message
from models.waiting.item import WaitingItem


class Sent(NamedTuple):
    """Somebody took it. `rerun_id` is the run, "" where that is not told."""

    rerun_id: str


class Lost(NamedTuple):
    """It cannot be run again, now or later."""

    why: Message


class Way(Protocol):
    """For one kind of source. What it does carries the `step_id` of the item."""

    def run(self, item: WaitingItem) -> Sent | Lost:
        """Raises ActionRefused where nothing was begun, ActionUnconfirmed where nobody knows."""

    def find(self, item: WaitingItem) -> str | None:
        """The run that came of it, by a look at the other side. Raises ActionError."""

    def wait_seconds(self, item: WaitingItem) -> float | None:
        """After which time, without an effect, it may be run once more; None: never."""
