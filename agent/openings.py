"""Tells the store of which buckets nobody has said yet what the first month had already cost."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from agent.sampling import Clocks
from data.bills.notes import began
from data.bills.openings import ASKED, unanswered
from data.home import Home
from models.errors import StoreError
from models.monitoring import Record, Thing
from models.settings import Settings

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
TELL_SECONDS = 86_400.0
"""Also when nothing has changed: the store may have lost it."""
KIND, SOURCE = "opening", "bills"
OPEN, ANSWERED = "open", "answered"


class Openings:
    """`step` is for the store's loop alone; answers come by `python -m agent costs open`."""

    def __init__(
        self, home: Home, tell: Callable[[Sequence[Record]], None], clocks: Clocks
    ) -> None:
        self._home = home
        self._tell = tell
        self._clocks = clocks
        self._settings: Settings | None = None
        self._told: list[str] | None = None
        self._looked_at = self._told_at = float("-inf")

    def take_over(self, settings: Settings) -> None:
        self._settings, self._looked_at = settings, float("-inf")

    def step(self) -> None:
        """Never raises for what a file may refuse: `Budgeting` tells that already."""
        settings, monotonic = self._settings, self._clocks.monotonic()
        if settings is None or settings.demo or monotonic - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = monotonic
        now = self._clocks.wall()
        try:
            missing = unanswered(self._home)
            month = datetime.fromtimestamp(began(self._home, now), settings.house.zone)
        except StoreError as error:
            log.debug("%s", error)
            return
        if missing != self._told or monotonic - self._told_at >= TELL_SECONDS:
            self._told, self._told_at = missing, monotonic
            self._tell(
                [
                    Thing(
                        KIND,
                        SOURCE,
                        bucket,
                        month.strftime("%Y-%m"),
                        OPEN if bucket in missing else ANSWERED,
                        now,
                    )
                    for bucket in ASKED
                ]
            )
