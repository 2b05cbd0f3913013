"""What the first month had already cost: tells the store of which buckets nobody has said it yet,
and books the answers that the ledger could not take when they were given.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from agent.reconciling import book_openings, books_of
from agent.sampling import Clocks
from data.bills.notes import began
from data.bills.openings import ASKED, Opening, answer, answers, unanswered
from data.home import Home
from models.errors import StoreError
from models.monitoring import Record, Thing
from models.settings import Settings
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.money import MICRO

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
TELL_SECONDS = 86_400.0
"""Also when nothing has changed: the store may have lost it."""
KIND, SOURCE = "opening", "bills"
OPEN, ANSWERED = "open", "answered"


def keep_openings(home: Home, spent: tuple[int, int] | None) -> None:
    """Won of each of the two buckets, which a running agent books. Raises StoreError."""
    for bucket, won in zip(ASKED, spent or (), strict=False):
        answer(home, bucket, won * MICRO)


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
        self._booked: list[Opening] = []
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

        try:
            self._book(settings, now)
        except (StoreError, LedgerError, ValueError) as error:
            log.debug("the opening balance is not booked yet: %s", error)

    def _book(self, settings: Settings, now: float) -> None:
        """What is booked already changes nothing. Raises StoreError, LedgerError, ValueError."""
        known = answers(self._home)
        if known == self._booked:
            return
        accounts = Accounts.open(self._home.ledger)
        try:
            book_openings(self._home, books_of(self._home, accounts, settings.house.zone, now))
        finally:
            accounts.close()
        self._booked = known
