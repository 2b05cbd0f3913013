"""On which day each cap is reached at this pace: by the store's days, looked at every hour.

What the child fitted within the last day and a half is moved on to now; else plain Python does it.
"""

import logging
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from agent.asking import Asking
from agent.sampling import Clocks
from data.home import Home
from data.ops.asked import bucket_days, month_kept, running
from models.costs.burn import HISTORY_BEFORE_DAYS, burn_down
from models.costs.burn_shapes import Known
from models.costs.periods import DAY_SECONDS, day_of, start_of
from models.costs.shapes import Bucket
from models.errors import StoreError
from models.settings import Settings
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.statement_rows import Balance
from sallim.money import MICRO

log = logging.getLogger(__name__)

EVERY_SECONDS = 3_600.0


class Projecting:
    """`step` is for one thread, `cap_at` for any."""

    def __init__(self, home: Home, store: Asking, clocks: Clocks) -> None:
        self._home = home
        self._store = store
        self._clocks = clocks
        self._settings: Settings | None = None
        self._due_at = float("-inf")
        self._waiting: list[Balance] = []
        self._found: dict[tuple[str, int], float | None] = {}

    def take_over(self, settings: Settings) -> None:
        self._settings, self._due_at = settings, float("-inf")

    def cap_at(self, bucket_id: str, version: int) -> float | None:
        """The end of that day; None: not in this period, or not known of this rule yet."""
        return self._found.get((bucket_id, version))

    def step(self) -> None:
        """One bucket a step, since each takes a while.

        Never raises for what a file may refuse: others tell that already.
        """
        settings, now = self._settings, self._clocks.monotonic()
        if settings is None or settings.demo or not self._home.ledger.exists():
            return
        try:
            if now >= self._due_at:
                self._due_at = now + EVERY_SECONDS
                self._begin()
            if self._waiting:
                balance = self._waiting.pop()
                cap_at = self._cap_at(balance, settings.house.zone, self._clocks.wall())
                self._found[balance.bucket_id, balance.version] = cap_at
        except (StoreError, LedgerError, ValueError) as error:
            log.debug("%s", error)

    def _begin(self) -> None:
        accounts = Accounts.open(self._home.ledger)
        try:
            self._waiting = accounts.balances(int(self._clocks.wall() * MICRO))
        finally:
            accounts.close()
        known = {(each.bucket_id, each.version) for each in self._waiting}
        self._found = {key: at for key, at in self._found.items() if key in known}

    def _cap_at(self, balance: Balance, zone: ZoneInfo, now: float) -> float | None:
        bucket = _bucket_of(balance, now)
        span = (bucket.start - HISTORY_BEFORE_DAYS * DAY_SECONDS, bucket.end)
        days = partial(bucket_days, bucket_id=bucket.bucket_id, span=span, zone=zone)
        kept = partial(month_kept, bucket_id=bucket.bucket_id, start_at=int(bucket.start))
        known = Known(self._store.read(running), self._store.read(kept))
        _, middle, _ = burn_down(bucket, self._store.read(days), now, zone, known).cap_on
        return None if middle is None else start_of(day_of(middle, zone) + 1, zone) - 1.0


def _bucket_of(balance: Balance, now: float) -> Bucket:
    return Bucket(
        bucket_id=balance.bucket_id,
        start=balance.start_us / MICRO,
        end=balance.end_us / MICRO,
        cap_won=Decimal(balance.cap_micro) / MICRO,
        settled_won=Decimal(balance.settled_micro) / MICRO,
        unverified_won=Decimal(balance.unverified_micro) / MICRO,
        open_won=Decimal(balance.reserved_micro) / MICRO,
        version=balance.version,
        told_at=now,
    )
