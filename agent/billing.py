"""Bills on their way in, and the comparison that follows: each runs as a source of its own."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from agent.reconciling import book_openings, books_of, reconcile
from data.bills.bills import put_bills
from data.home import Home
from models.costs.bills import Bill, Cash, NoBill, Told, check_spans
from models.costs.reconcile import Verdict
from models.errors import SourceRefused, SourceUnreachable, StoreError
from models.messages import say
from models.monitoring import Harvest, Reading, Thing
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts


class Reads(Protocol):
    """A provider's interface."""

    def read(self, now: float) -> Told:
        """What it charges; raises SourceError and takes nothing over when it makes no sense."""


class BillCollector:
    """`clock` gives UTC epoch seconds."""

    def __init__(self, name: str, reads: Reads, home: Home, clock: Callable[[], float]) -> None:
        self.name = name
        self._reads = reads
        self._home = home
        self._clock = clock

    def collect(self, _monotonic_seconds: float) -> Harvest:
        """Raises SourceError; what was known before stays then."""
        now = self._clock()
        told = self._reads.read(now)
        try:
            check_spans(told.bills, now)
        except NoBill as error:
            reason = say(
                "answers something that is not taken over: {what}; what was known before stays",
                what=str(error),
            )
            raise SourceRefused(self.name, reason) from error
        try:
            put_bills(self._home, told.bills, now)
        except StoreError as error:
            raise SourceUnreachable(self.name, say("{reason}", reason=str(error))) from error
        cash = () if told.cash is None else (_cash_thing(told.cash, now),)
        return Harvest(_readings(told, now), cash)


class Reconciliation:
    """Nightly; also books what was answered and a crash kept out of the ledger."""

    name = "reconcile"

    def __init__(self, home: Home, zone: ZoneInfo, clock: Callable[[], float]) -> None:
        self._home = home
        self._zone = zone
        self._clock = clock

    def collect(self, _monotonic_seconds: float) -> Harvest:
        """Raises SourceUnreachable while the ledger or the bills cannot be read."""
        now = self._clock()
        try:
            accounts = Accounts.open(self._home.ledger)
            try:
                books = books_of(self._home, accounts, self._zone, now)
                book_openings(self._home, books)
                verdicts = reconcile(self._home, books)
            finally:
                accounts.close()
        except (LedgerError, StoreError, ValueError) as error:
            raise SourceUnreachable(self.name, say("{reason}", reason=str(error))) from error
        alarms = sum(verdict.is_alarm for verdict in verdicts)
        things = tuple(_verdict_thing(verdict, now) for verdict in verdicts)
        return Harvest([Reading("bill.alarms", float(alarms))], things)


def _readings(told: Told, now: float) -> list[Reading]:
    """As floats for a chart, and for nothing else."""
    month = datetime.fromtimestamp(now, UTC).strftime("%Y-%m")
    of_month = [bill for bill in told.bills if _month(bill) == month]
    readings = [Reading("bill.month", float(sum(bill.price.amount for bill in of_month)))]
    if told.cash is not None:
        readings.append(Reading("bill.cash", float(told.cash.price.amount)))
    return [
        reading._replace(labels=(("provider", provider),))
        for provider in sorted({bill.provider for bill in told.bills})[:1]
        for reading in readings
    ]


def _month(bill: Bill) -> str:
    return datetime.fromtimestamp(bill.period_start, UTC).strftime("%Y-%m")


def _cash_thing(cash: Cash, now: float) -> Thing:
    amount, currency = cash.price
    return Thing("cash", cash.provider, currency, f"{amount:f}", "", now)


def _verdict_thing(verdict: Verdict, now: float) -> Thing:
    group = verdict.group
    detail = {
        "theirs_nano": group.theirs_nano,
        "ours_nano": group.known_nano,
        "drift_nano": verdict.drift_nano,
        "is_alarm": verdict.is_alarm,
        "guarded_ppm": verdict.guarded_ppm,
        "since": group.since,
        "until": group.until,
    }
    name = f"{group.since:.0f}:{group.until:.0f}:{group.model}"
    return Thing("verdict", group.provider, name, verdict.cause, json.dumps(detail), now)
