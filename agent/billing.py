"""Bills on their way in, and the comparison that follows: each runs as a source of its own."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from agent.net.asking import not_taken_over
from agent.reconciling import book_openings, books_of, reconcile
from data.bills.bills import put_bills
from data.bills.notes import began
from data.home import Home
from models.costs.bills import Bill, Cash, NoBill, Told, check_spans
from models.costs.kinds import is_call, kind_of
from models.costs.minutes import SLACK_SECONDS
from models.costs.reconcile import Verdict
from models.errors import SourceUnreachable, StoreError
from models.messages import Message, say
from models.monitoring import Harvest, Reading, Thing
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import RELEASED, SETTLED
from sallim.money import MICRO

DAY_SECONDS = 86_400
CENT = Decimal("0.01")
"""Less is how a provider rounds."""


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
        self.findings: Sequence[Message] = ()

    def collect(self, _monotonic_seconds: float) -> Harvest:
        """Raises SourceError; what was known before stays then."""
        now = self._clock()
        told = self._reads.read(now)
        try:
            check_spans(told.bills, now)
        except NoBill as error:
            raise not_taken_over(self.name, str(error)) from error
        try:
            put_bills(self._home, told.bills, now)
            beyond = beyond_key(self._home, told, now)
        except (StoreError, LedgerError) as error:
            raise SourceUnreachable(self.name, say("{reason}", reason=str(error))) from error
        self.findings = [*told.notes, *beyond]
        return Harvest(_readings(told, now), tuple(_cash_thing(each, now) for each in told.cash))


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


def beyond_key(home: Home, told: Told, now: float) -> list[Message]:
    """Whether a key for calls used more today than all calls that passed the guard.

    Raises LedgerError and StoreError.
    """
    day = now // DAY_SECONDS * DAY_SECONDS
    if told.key is None or not told.cash or began(home, now) > day:
        return []
    provider = told.cash[0].provider
    accounts = Accounts.open(home.ledger)
    try:
        since_us = int((day - SLACK_SECONDS) * MICRO)
        calls = accounts.calls_opened_since(provider, since_us)
    finally:
        accounts.close()
    most_nano = sum(
        call.nano_usd if call.state == SETTLED else call.worst_nano_usd
        for call in calls
        if call.state != RELEASED and is_call(call.endpoint, kind_of(call.endpoint, call.buckets))
    )
    more = told.key.day - Decimal(most_nano).scaleb(-9)
    if more < CENT:
        return []
    return [
        say(
            "{usd} USD of today (UTC) were called with the key at {provider} and passed no guard; "
            "look who else has it, and send them through guard or gateway",
            usd=f"{more:,.4f}",
            provider=provider,
        )
    ]


def _readings(told: Told, now: float) -> list[Reading]:
    """As floats for a chart, and for nothing else."""
    month = datetime.fromtimestamp(now, UTC).strftime("%Y-%m")
    sums: dict[str, Decimal] = {}
    for bill in told.bills:
        of_month = bill.price.amount if _month(bill) == month else Decimal(0)
        sums[bill.provider] = sums.get(bill.provider, Decimal(0)) + of_month
    # Of an export, which may have many providers, one is drawn.
    readings = [
        Reading("bill.month", float(sums[provider]), (("provider", provider),))
        for provider in sorted(sums)[:1]
    ]
    readings += [
        Reading(
            "bill.cash",
            float(cash.price.amount),
            (("currency", cash.price.currency), ("provider", cash.provider)),
        )
        for cash in told.cash
    ]
    return readings + _key_readings(told)


def _key_readings(told: Told) -> list[Reading]:
    if told.key is None:
        return []
    left, day, week, month = told.key
    spans = [("day", day), ("week", week), ("month", month)]
    used = [Reading("key.used", float(usd), (("span", span),)) for span, usd in spans]
    return used if left is None else [*used, Reading("key.left", float(left))]


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
