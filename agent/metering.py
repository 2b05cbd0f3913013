"""Traffic and space by the gigabyte: looked at every ten minutes, and told to the store."""

import json
import logging
from collections.abc import Callable, Sequence
from decimal import Decimal

from agent.desk import Desk, desk_of
from agent.metered_items import Eyes, days_of, keep_metered
from agent.sampling import Clocks
from data.home import Home
from models.costs.metered import gigabytes
from models.costs.periods import date_of, period_at
from models.costs.told import HOUSE, METERED, MONEY
from models.errors import StoreError
from models.messages import Message, say
from models.monitoring import Record, Thing
from models.settings import Settings
from models.settings.metered import Metered
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts

log = logging.getLogger(__name__)

EVERY_SECONDS = 600.0
RETRY_SECONDS = 60.0
PATIENCE_SECONDS = 300.0
"""At the start, or for a new item, the series may not be there yet: that is no problem."""


class Metering:
    """`step` is for the store's loop alone; `problems` for any thread."""

    def __init__(
        self, home: Home, eyes: Eyes, tell: Callable[[Sequence[Record]], None], clocks: Clocks
    ) -> None:
        self.problems: Sequence[Message] = ()
        self._home = home
        self._eyes = eyes
        self._tell = tell
        self._clocks = clocks
        self._settings: Settings | None = None
        self._due_at = float("-inf")
        self._new_since = clocks.monotonic()
        self._told_any = True

    def take_over(self, settings: Settings) -> None:
        if self._settings is not None and settings.metered != self._settings.metered:
            self._new_since = self._clocks.monotonic()
        self._settings, self._due_at = settings, float("-inf")

    def step(self) -> None:
        """Never raises: trouble becomes a problem, and what is due is tried again."""
        settings, monotonic = self._settings, self._clocks.monotonic()
        if settings is None or settings.demo or monotonic < self._due_at:
            return
        try:
            problems = self._look(settings)
        except (LedgerError, StoreError, OSError, ValueError) as trouble:
            problems = [say("traffic and space are not counted: {reason}", reason=str(trouble))]
        self._due_at = monotonic + (RETRY_SECONDS if problems else EVERY_SECONDS)
        if monotonic - self._new_since >= PATIENCE_SECONDS or not problems:
            for problem in problems:
                if problem not in self.problems:
                    log.error("%s", problem)
            self.problems = problems

    def _look(self, settings: Settings) -> list[Message]:
        if not settings.metered:
            self._say([])
            return []
        accounts = Accounts.open(self._home.ledger)
        try:
            desk = desk_of(self._home, accounts, settings, self._clocks.wall())
            problems = keep_metered(desk, self._eyes)
            self._say([_month(desk, each) for each in settings.metered])
            return problems
        finally:
            accounts.close()

    def _say(self, shapes: Sequence[dict[str, object]]) -> None:
        """That there is none is said once, since the store may know of some."""
        if shapes or self._told_any:
            detail = json.dumps(shapes)
            self._tell([Thing(MONEY, HOUSE, METERED, "", detail, self._clocks.wall())])
        self._told_any = bool(shapes)


def _month(desk: Desk, metered: Metered) -> dict[str, object]:
    """A `MeteredMonth`, its amounts as texts. Raises LedgerError, StoreError."""
    month = period_at(desk.now, "month", desk.zone)
    known = [each for each in days_of(desk, metered) if each.day >= month.first_day]
    booked = desk.accounts.calls_named(
        f"{metered.kind}:{metered.name}:{date_of(month.first_day):%Y-%m}"
    )
    seconds = month.until - month.since
    return {
        "name": metered.name,
        "kind": metered.kind,
        "provider": metered.provider,
        "gb": f"{gigabytes(sum(each.quantity for each in known), metered, seconds):f}",
        "free_gb": f"{Decimal(repr(metered.free_gb)):f}",
        "price": metered.gb_price,
        "won": f"{Decimal(sum(call.gross_micro for call in booked)).scaleb(-6):f}",
        "counted_to": str(date_of(known[-1].day)) if known else "",
        "gaps": [
            [str(date_of(each.day)), each.missing_seconds] for each in known if each.missing_seconds
        ],
    }
