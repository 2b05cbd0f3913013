"""What keeps a target from being forecast, and since when: told aloud only when it lasts."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.messages import Message, say
from models.tiers import HOUR_SECONDS

LASTS_SECONDS = 6.0 * HOUR_SECONDS
AGAIN_SECONDS = 3.0 * HOUR_SECONDS
"""A fit that failed is not tried again sooner: it may have taken all its time."""


class Trouble(NamedTuple):
    """Moments are on the monotonic clock; `is_early`: nothing failed, too little is known.

    `kind` is the work that failed: going on from yesterday's fit does not cure a fit that fails.
    """

    reason: Message
    since: float
    tried: float
    is_early: bool
    kind: str


class Troubles:
    """By the names of targets. Replaced as a whole, so that any thread may read it."""

    def __init__(self) -> None:
        self._known: dict[str, Trouble] = {}

    def note(
        self, name: str, reason: Message, now: float, *, is_early: bool = False, kind: str = ""
    ) -> None:
        before = self._known.get(name)
        is_same = before is not None and before.is_early == is_early
        since = before.since if before is not None and is_same else now
        self._known = {**self._known, name: Trouble(reason, since, now, is_early, kind)}

    def over(self, name: str, kind: str) -> None:
        """Work of that kind was done."""
        trouble = self._known.get(name)
        if trouble is None or (trouble.kind == "daily" and kind != "daily"):
            return
        self._known = {key: each for key, each in self._known.items() if key != name}

    def only(self, names: Iterable[str]) -> None:
        """Forget what is no target any more."""
        kept = set(names)
        self._known = {key: each for key, each in self._known.items() if key in kept}

    def of(self, name: str) -> Trouble | None:
        return self._known.get(name)

    def rests(self, name: str, now: float) -> bool:
        """Whether its fit failed so lately that it is not tried again yet."""
        trouble = self._known.get(name)
        if trouble is None or trouble.is_early or trouble.kind != "daily":
            return False
        return now - trouble.tried < AGAIN_SECONDS

    def lasting(self, now: float) -> Sequence[Message]:
        return [
            say("{target} is not forecast: {reason}", target=name, reason=trouble.reason)
            for name, trouble in self._known.items()
            if not trouble.is_early and now - trouble.since >= LASTS_SECONDS
        ]
