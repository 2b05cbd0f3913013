"""Closing a month: after the owner's midnight, once, told once; corrected when bills arrive.

What was spent is asked of the ledger, what it went for of the store. A clock that jumped is
believed only when it has held for a while.
"""

import json
import logging
from typing import Any, Protocol

from agent.asking import Asking
from agent.made_up_months import close_made_up
from agent.sampling import Clocks
from data.bills.notes import began
from data.control import Control
from data.home import Home
from data.months import close_month, closes, correct_close, plans, reopen
from data.overrides import overrides
from data.stops import operations
from models.alerts import Alert
from models.budget.close import MonthClose, billed_of, month_name
from models.budget.close_json import close_of, shape_of
from models.budget.close_words import close_alert
from models.budget.closing import Counted, buckets_of, did_in, doubts_of
from models.budget.kept_months import AHEAD_SECONDS, NOBODY_SAID, KeptClose
from models.budget.planned import with_plan
from models.costs.periods import Period, period_at
from models.errors import StoreError
from models.messages import Message, say
from models.settings import Settings
from models.tiers import DAY_SECONDS
from sallim.ledger import Ledger, LedgerError
from sallim.ledger.money_rows import OPEN, UNVERIFIED
from sallim.money import MICRO

log = logging.getLogger(__name__)

GRACE_SECONDS = 120.0
"""After midnight: what was under way has mostly ended, and the store has it."""
HELD_SECONDS = 600.0
"""For so long a clock must have gone evenly, since a start or a jump."""
JUMP_SECONDS = 60.0
CORRECTED_DAYS, CORRECT_EVERY_SECONDS = 85.0, 3_600.0
"""So long bills are held against the ledger."""
MONTHS_MAX = 14
"""That are closed later, after the agent was off for long."""


class Keeping(Asking, Protocol):
    """What is needed of the store."""

    def watermark(self, source: str) -> int: ...


class Outbox(Protocol):
    def put(self, connection: Any, alert: Alert) -> int | None: ...


class Closing:
    """`step` is for one thread; `problem` for any."""

    def __init__(
        self,
        home: Home,
        stores: tuple[Control, Keeping],
        clocks: Clocks,
        outbox: Outbox,
        held_seconds: float = HELD_SECONDS,
    ) -> None:
        self.problem: Message | None = None
        self._home = home
        self._control, self._store = stores
        self._clocks = clocks
        self._outbox = outbox
        self._held_seconds = held_seconds
        self._settings: Settings | None = None
        self._offset: float | None = None
        self._even_since = 0.0
        self._wanted_seq: int | None = None
        self._corrected_at = float("-inf")

    def take_over(self, settings: Settings) -> None:
        self._settings = settings

    def step(self) -> None:
        """Never raises for what a file may refuse: it becomes `problem`, and is tried again."""
        settings, now = self._settings, self._clocks.wall()
        if settings is None:
            return
        try:
            if settings.demo:
                close_made_up(self._home, (self._control, self._store), settings, now)
            elif self._home.ledger.exists() and self._holds():
                self._step(settings, now)
            self.problem = None
        except (StoreError, LedgerError, OSError, ValueError, KeyError, TypeError) as trouble:
            problem = say("the month cannot be closed: {reason}", reason=str(trouble))
            if problem != self.problem:
                log.error("%s", problem)
            self.problem = problem

    def _holds(self) -> bool:
        """Whether wall clock and monotonic clock went along for long enough."""
        now = self._clocks.monotonic()
        offset = self._clocks.wall() - now
        if self._offset is None or abs(offset - self._offset) > JUMP_SECONDS:
            self._even_since = now
        self._offset = offset
        return now - self._even_since >= self._held_seconds

    def _step(self, settings: Settings, now: float) -> None:
        known = {each.month: each for each in closes(self._control)}
        for kept in known.values():
            # Of a clock that was ahead for long, or is behind: the month goes on, as it seems.
            if now < kept.until_at - AHEAD_SECONDS and kept.is_closed(kept.until_at):
                reopen(self._control, kept.month, now)
        over = self._over(settings, now)
        fresh = [month for month in over if not _is_closed(known, month, now)]
        is_due = self._clocks.monotonic() - self._corrected_at >= CORRECT_EVERY_SECONDS
        if not fresh and not is_due:
            return
        ledger = Ledger.open(self._home.ledger)
        try:
            if fresh and self._is_folded(ledger):
                for month in fresh:
                    self._close(ledger, settings, month, is_last=month == over[-1])
                self._wanted_seq = None
            if is_due:
                self._correct(ledger, settings, now)
                self._corrected_at = self._clocks.monotonic()
        finally:
            ledger.close()

    def _over(self, settings: Settings, now: float) -> list[Period]:
        """Months that have ended since Sallim began, the oldest first."""
        first = began(self._home, now)
        month = period_at(now - GRACE_SECONDS, "month", settings.house.zone)
        found: list[Period] = []
        while len(found) < MONTHS_MAX and month.since > first:
            month = period_at(month.since - 1, "month", settings.house.zone)
            found.insert(0, month)
        return found

    def _is_folded(self, ledger: Ledger) -> bool:
        """Whether the store has what the ledger had when this was asked first."""
        if self._wanted_seq is None:
            self._wanted_seq = ledger.accounts.last_seqs()[0]
        return self._store.watermark(f"calls:{ledger.ledger_id}") >= self._wanted_seq

    def _close(self, ledger: Ledger, settings: Settings, month: Period, *, is_last: bool) -> None:
        wall = self._clocks.wall()
        close, is_news = self._made(ledger, settings, month), is_last
        before = {each.month: each for each in closes(self._control)}.get(close.month)
        if before is not None:
            old = close_of(json.loads(before.document))
            if not old.differs_from(old.corrected(close)):
                # The clock was behind for a while, not ahead: there is nothing new.
                close, is_news = old, False
        row = KeptClose(
            *(close.month, 1, wall, wall, float(month.until)),
            *(NOBODY_SAID, "", 0.0, _text(close)),
        )

        def tell(connection: Any) -> None:
            # Of months long past nobody is told one by one.
            if is_news:
                self._outbox.put(connection, close_alert(close, again=before is not None))

        if close_month(self._control, row, tell):
            log.info("the month %s is closed", close.month)

    def _correct(self, ledger: Ledger, settings: Settings, now: float) -> None:
        for kept in closes(self._control):
            if not kept.is_closed(now) or now - kept.until_at > CORRECTED_DAYS * DAY_SECONDS:
                continue
            old = close_of(json.loads(kept.document))
            month = Period(0, old.since, old.until)
            counted = self._counted(ledger, settings, month)
            fresh_buckets = old._replace(buckets=buckets_of(counted))
            if old.buckets == old.corrected(fresh_buckets).buckets and not self._is_billed(old):
                continue
            fresh = old.corrected(self._made(ledger, settings, month)._replace(month=old.month))
            if old.differs_from(fresh) and correct_close(
                self._control, kept.month, _text(fresh), now
            ):
                log.info("the close of %s is corrected", kept.month)

    def _is_billed(self, old: MonthClose) -> bool:
        """Whether a bill says something else by now."""
        from data.bill_answers import compared
        from data.ops.within import Within

        span = (old.since, old.until)
        return self._store.read(lambda cursor: billed_of(compared(Within(cursor), span))) != (
            old.billed
        )

    def _made(self, ledger: Ledger, settings: Settings, month: Period) -> MonthClose:
        # Loaded once a month, and not kept in mind by an agent that just started.
        from data.known_prices import readable_prices
        from data.month_facts import month_facts
        from data.ops.within import Within

        prices = readable_prices(self._home)
        facts = self._store.read(
            lambda cursor: month_facts(Within(cursor), month, settings, prices)
        )
        doubts, more = doubts_of(ledger.accounts.calls_named("", [OPEN, UNVERIFIED]), month)
        return MonthClose(
            month=month_name(period_at(month.since, "month", settings.house.zone)),
            since=month.since,
            until=month.until,
            buckets=buckets_of(self._counted(ledger, settings, month)),
            did=did_in(operations(self._control), month),
            doubts=doubts,
            doubts_more=more,
            **facts._asdict(),
        )

    def _counted(self, ledger: Ledger, settings: Settings, month: Period) -> Counted:
        then = with_plan(settings, plans(self._control), month.since)
        balances = ledger.accounts.balances(month.since * MICRO)
        return Counted(balances, then.budget.caps_krw, overrides(self._control), month)


def _is_closed(known: dict[str, KeptClose], month: Period, now: float) -> bool:
    kept = known.get(month_name(month))
    return kept is not None and kept.is_closed(now)


def _text(close: MonthClose) -> str:
    return json.dumps(shape_of(close), ensure_ascii=False)
