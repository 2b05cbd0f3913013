"""What providers count by the minute beside the ledger: calls in doubt, keys used elsewhere."""

import json
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from agent.net.asking import not_taken_over
from data.bills.notes import began
from data.home import Home
from models.costs.bills import NoBill
from models.costs.charges import settled_at
from models.costs.minutes import SLACK_SECONDS, Counts, Minute, check_minutes, times_of
from models.costs.outside import Outside, outside, told_of
from models.costs.usage_truth import proofs
from models.errors import SourceUnreachable, StoreError
from models.messages import Message, say
from models.monitoring import Harvest, Reading, Thing
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import ESTIMATED, UNVERIFIED, CallRow, Tokens
from sallim.money import MICRO
from sallim.prices import PriceList

log = logging.getLogger(__name__)

HOUR_SECONDS = 3_600
MINUTE_SECONDS = 60
QUIET_SECONDS = HOUR_SECONDS - 150
"""Asked again after this while nothing is called, in steps of five minutes."""
BACK_SECONDS = 2 * 86_400
"""What is older than this the bill decides."""
RECENT_SECONDS = 3 * HOUR_SECONDS


class Counting(Protocol):
    """A provider's interface."""

    @property
    def provider(self) -> str: ...

    def read(self, since: float, until: float, *, with_tools: bool) -> list[Minute]:
        """Raises SourceError and takes nothing over when it makes no sense."""


class UsageCollector:
    """Called every five minutes; it asks while calls flow, else once an hour.

    `clock` gives UTC epoch seconds.
    """

    def __init__(
        self, name: str, counting: Counting, home: Home, clock: Callable[[], float]
    ) -> None:
        self.name = name
        self._counting = counting
        self._home = home
        self._clock = clock
        self._asked_at: float | None = None
        self._looked_back_at = float("-inf")
        self._places: set[tuple[float, str]] = set()
        self.findings: Sequence[Message] = ()

    def collect(self, _monotonic_seconds: float) -> Harvest:
        """Raises SourceError; nothing is settled then."""
        now = self._clock()
        try:
            accounts = Accounts.open(self._home.ledger)
            try:
                return self._collect(accounts, now)
            finally:
                accounts.close()
        except (LedgerError, StoreError) as error:
            raise SourceUnreachable(self.name, say("{reason}", reason=str(error))) from error

    def _collect(self, accounts: Accounts, now: float) -> Harvest:
        provider = self._counting.provider
        calls = accounts.calls_opened_since(provider, int((now - BACK_SECONDS) * MICRO))
        if self._is_quiet(calls, now):
            return Harvest([self._age(now)])
        known_since = max(began(self._home, now), now - BACK_SECONDS)
        counts = self._asked(calls, known_since, now)
        prices = PriceList(accounts.all_rates())
        settled = _settle(accounts, counts, prices, now)
        first = max(_hour(self._asked_at or now) - HOUR_SECONDS, known_since + SLACK_SECONDS)
        recent = counts._replace(since=max(first, counts.since))
        found = list(outside(provider, recent, prices, now))
        self._asked_at = now
        self._tell(found, settled)
        labels = (("provider", provider),)
        readings = [
            self._age(now),
            Reading("usage.settled", float(settled), labels),
            Reading("usage.outside", float(sum(each.sent + each.made for each in found)), labels),
        ]
        return Harvest(readings, tuple(_thing(each, now) for each in found))

    def _is_quiet(self, calls: Sequence[CallRow], now: float) -> bool:
        flows = any(call.opened_us >= (now - HOUR_SECONDS) * MICRO for call in calls)
        asked_at = self._asked_at
        return not flows and asked_at is not None and 0 <= now - asked_at < QUIET_SECONDS

    def _asked(self, calls: Sequence[CallRow], known_since: float, now: float) -> Counts:
        """No further back than there is something to find out."""
        doubts = self._doubts(calls, now)
        first = min(
            [
                _hour(self._asked_at or now) - HOUR_SECONDS,
                *(times_of(call)[0] - MINUTE_SECONDS for call in doubts),
            ]
        )
        since = max(first, known_since) // MINUTE_SECONDS * MINUTE_SECONDS
        until = max(now // MINUTE_SECONDS, since // MINUTE_SECONDS + 1) * MINUTE_SECONDS
        told = self._counting.read(since, until, with_tools=bool(doubts))
        try:
            check_minutes(told, since, until)
        except NoBill as error:
            raise not_taken_over(self.name, str(error)) from error
        return Counts(told, calls, since)

    def _doubts(self, calls: Sequence[CallRow], now: float) -> list[CallRow]:
        """Old ones once an hour only: two days by the minute are a long answer."""
        doubts = [call for call in calls if call.state == UNVERIFIED]
        if now - self._looked_back_at >= QUIET_SECONDS:
            self._looked_back_at = now
            return doubts
        return [call for call in doubts if call.opened_us > (now - RECENT_SECONDS) * MICRO]

    def _tell(self, found: Sequence[Outside], settled: int) -> None:
        places = {(each.since, each.model) for each in found}
        for each in found:
            # Once an hour and model: its numbers grow from look to look.
            if (each.since, each.model) not in self._places:
                log.warning("%s", told_of(each))
        if settled:
            log.info("%s calls in doubt were settled by what %s counts", settled, self.name)
        self._places = places
        self.findings = [told_of(each) for each in found]

    def _age(self, now: float) -> Reading:
        asked_at = now if self._asked_at is None else self._asked_at
        return Reading("usage.age", now - asked_at, (("provider", self._counting.provider),))


def _settle(accounts: Accounts, counts: Counts, prices: PriceList, now: float) -> int:
    """How many calls in doubt are settled now."""
    calls = {(call.call_id, call.attempt): call for call in counts.calls}
    settled = 0
    for order, used in proofs(counts, prices, now):
        call = calls[order.call_id, order.attempt]
        # At most this, so it is an estimate; the bill has the last word.
        settlement = settled_at(call, order.nano, ESTIMATED, int(now * MICRO))
        settlement = settlement._replace(error="settled by the provider's usage")
        if used is not None:
            usage = used.usage()
            tokens = Tokens(*(getattr(usage, name) for name in Tokens._fields))
            tools = json.dumps([list(each) for each in usage.tool_calls])
            settlement = settlement._replace(
                tokens=tokens, tool_calls=tools if usage.tool_calls else ""
            )
        settled += accounts.settle(order.call_id, order.attempt, settlement)
    return settled


def _hour(at: float) -> float:
    return at // HOUR_SECONDS * HOUR_SECONDS


def _thing(found: Outside, now: float) -> Thing:
    detail = json.dumps({**found._asdict(), "seen_at": now})
    return Thing("outside", found.provider, f"{found.since:.0f}:{found.model}", "", detail, now)
