"""The budget of the demo household: three caps, kept month by month as the ledger keeps them."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from models.costs.periods import period_at
from sallim.ledger.money_rows import (
    BUDGET,
    IMPORTANT_PPM,
    OPTIONAL,
    OPTIONAL_PPM,
    PPM,
    THRESHOLD,
    THRESHOLDS_PPM,
    CallRow,
)
from sallim.ledger.statement_rows import Balance, LimitEvent, Refusal

MICRO = MICROSECONDS = 1_000_000
MINUTE_US = 60 * MICROSECONDS
CAPS = {"api": 15_000 * MICRO, "servers": 9_900 * MICRO, "total": 24_900 * MICRO}
"""Won a month; together 24,900."""
SHARES = {"essential": PPM, "important": IMPORTANT_PPM, OPTIONAL: OPTIONAL_PPM}


class Money(NamedTuple):
    """As the ledger would tell it; each list in the order of its seq."""

    calls: list[CallRow]
    refusals: list[Refusal]
    limit_events: list[LimitEvent]
    balances: list[Balance]


class _Account(NamedTuple):
    settled: int = 0
    open: int = 0
    unverified: int = 0


class Till:
    """Takes calls in the order in which they were opened."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._calls: list[CallRow] = []
        self._refusals: dict[tuple[str, str, str, int], Refusal] = {}
        self._events: list[LimitEvent] = []
        self._accounts: dict[tuple[str, int], _Account] = {}
        self._period = period_at(0, "month", zone)

    def take(self, call: CallRow, now: float) -> None:
        """Admit it, or count it among the refused; what ends after `now` is still open."""
        at = call.opened_us // MICROSECONDS
        if not self._period.since <= at < self._period.until:
            self._period = period_at(at, "month", self._zone)
        full = self._full(call)
        if full is not None:
            self._refuse(call, full)
            return
        if call.settled_us > now * MICROSECONDS:
            call = call._replace(state="open", nano_usd=0, gross_micro=0, settled_us=0, status=0)
        self._calls.append(call)
        for bucket in call.buckets:
            if bucket in CAPS:
                self._count(call, bucket)

    def closed(self, since: float, now: float) -> Money:
        """What was opened since then, and the balances of the month of `now` and the one before."""
        since_us = int(since * MICROSECONDS)
        return Money(
            _numbered(call for call in self._calls if call.opened_us >= since_us),
            _numbered(row for row in self._refusals.values() if row.minute_us >= since_us),
            _numbered(event for event in self._events if event.at_us >= since_us),
            self._balances(now),
        )

    def _full(self, call: CallRow) -> str | None:
        """Only calls are refused: what is booked was spent."""
        if call.source == "typed":
            return None
        for bucket in call.buckets:
            limit = CAPS.get(bucket, 0) * SHARES[call.priority] // PPM
            if bucket in CAPS and sum(self._account(bucket)) + call.worst_micro > limit:
                return bucket
        return None

    def _refuse(self, call: CallRow, bucket: str) -> None:
        minute_us = call.opened_us - call.opened_us % MINUTE_US
        key = (bucket, call.provider, call.model, minute_us)
        known = self._refusals.get(key)
        calls, needed = (known.calls, known.needed_micro) if known else (0, 0)
        self._refusals[key] = Refusal(
            seq=0,
            bucket_id=bucket,
            provider=call.provider,
            model=call.model,
            minute_us=minute_us,
            code=BUDGET,
            priority=call.priority,
            calls=calls + 1,
            needed_micro=max(needed, call.worst_micro),
            last_us=call.opened_us,
        )

    def _count(self, call: CallRow, bucket: str) -> None:
        before = self._account(bucket)
        settled, open_, unverified = before
        if call.state == "open":
            open_ += call.worst_micro
        elif call.state == "unverified":
            unverified += call.gross_micro
        else:
            settled += call.gross_micro
        after = _Account(settled, open_, unverified)
        self._accounts[(bucket, self._period.since)] = after
        for threshold in THRESHOLDS_PPM:
            line = CAPS[bucket] * threshold // PPM
            if before.settled + before.unverified < line <= settled + unverified:
                self._events.append(self._event(call, bucket, threshold, settled + unverified))

    def _event(self, call: CallRow, bucket: str, threshold: int, spent: int) -> LimitEvent:
        return LimitEvent(
            seq=0,
            kind=THRESHOLD,
            bucket_id=bucket,
            start_us=self._period.since * MICROSECONDS,
            end_us=self._period.until * MICROSECONDS,
            version=1,
            threshold_ppm=threshold,
            cap_micro=CAPS[bucket],
            spent_micro=spent,
            call_id=call.call_id,
            attempt=call.attempt,
            provider=call.provider,
            model=call.model,
            at_us=call.opened_us,
        )

    def _account(self, bucket: str) -> _Account:
        return self._accounts.get((bucket, self._period.since), _Account())

    def _balances(self, now: float) -> list[Balance]:
        current = period_at(now, "month", self._zone)
        before = period_at(current.since - 1, "month", self._zone)
        return [
            Balance(
                bucket,
                month.since * MICROSECONDS,
                month.until * MICROSECONDS,
                cap,
                *self._accounts.get((bucket, month.since), _Account()),
                version=1,
            )
            for month in (before, current)
            for bucket, cap in CAPS.items()
        ]


Row = TypeVar("Row", CallRow, Refusal, LimitEvent)


def _numbered(rows: Iterable[Row]) -> list[Row]:
    return [row._replace(seq=seq) for seq, row in enumerate(rows, start=1)]
