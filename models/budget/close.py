"""A month that is over: what it cost beside what it might, and why the card says otherwise.

Won are decimals, gross as the ledger counts them; dollars are net, as providers bill them.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from models.costs.freshness import Compared
from models.costs.periods import EPOCH, Period
from models.costs.shapes import NOTHING
from models.messages import Message

PPM = 1_000_000
MICRO = Decimal("0.000001")
TOTAL = "total"
WHOLE_SECONDS = 20 * 86_400
"""A bill of so long a span is that of the month, which has its days in it."""
NAMED_MAX = 20


class BucketClose(NamedTuple):
    """`raised_won` is what people added to its cap in the month. `open_won` is of calls in flight.

    >>> api = BucketClose("api", Decimal(100), Decimal(0), Decimal(90), Decimal(20), Decimal(0))
    >>> api.is_kept, api._replace(raised_won=Decimal(10)).is_kept
    (False, True)
    """

    bucket_id: str
    cap_won: Decimal
    raised_won: Decimal
    settled_won: Decimal
    unverified_won: Decimal
    open_won: Decimal

    @property
    def spent_won(self) -> Decimal:
        return self.settled_won + self.unverified_won

    @property
    def allowed_won(self) -> Decimal:
        return self.cap_won + self.raised_won

    @property
    def is_kept(self) -> bool:
        return self.spent_won <= self.allowed_won


class Thing(NamedTuple):
    """Money by what it went for; `by` is kind, provider, server or workflow."""

    by: str
    name: str
    won: Decimal


class Billed(NamedTuple):
    """What a provider charges beside what was estimated of the same span, in USD."""

    provider: str
    ours_usd: Decimal
    theirs_usd: Decimal


class Refusals(NamedTuple):
    """`won` is what they would have cost at most; who was refused may have tried again."""

    calls: int
    won: Decimal


class Did(NamedTuple):
    """Stops and starts of one kind, on one word: `state` is verified or failed."""

    verb: str
    by: str
    state: str
    times: int
    targets: tuple[str, ...]


class PerAnalysis(NamedTuple):
    """`each_won` is of one that ended well, with what failures cost; None: there was none."""

    name: str
    won: Decimal
    succeeded: int
    each_won: Decimal | None


class Saving(NamedTuple):
    subject: str
    sentence: Message
    won: Decimal


class Doubt(NamedTuple):
    """A call that counts at its worst: nobody saw its end, or it had none at midnight."""

    call_id: str
    provider: str
    model: str
    state: str
    won: Decimal


class Dollars(NamedTuple):
    """Of calls: net dollars, the same in won, and what VAT and the card's fee add."""

    usd: Decimal = NOTHING
    net_won: Decimal = NOTHING
    vat_won: Decimal = NOTHING
    fee_won: Decimal = NOTHING

    @property
    def won(self) -> Decimal:
        return self.net_won + self.vat_won + self.fee_won


class MonthClose(NamedTuple):
    """[since, until) in UTC epoch seconds; `doubts_more` are those that are not named."""

    month: str
    since: int
    until: int
    buckets: tuple[BucketClose, ...]
    things: tuple[Thing, ...]
    billed: tuple[Billed, ...]
    refused: Refusals
    did: tuple[Did, ...]
    analyses: tuple[PerAnalysis, ...]
    savings: tuple[Saving, ...]
    doubts: tuple[Doubt, ...]
    doubts_more: int
    dollars: Dollars

    @property
    def total(self) -> BucketClose | None:
        return next((each for each in self.buckets if each.bucket_id == TOTAL), None)

    @property
    def spent_won(self) -> Decimal:
        """Of everything together."""
        if self.total is not None:
            return self.total.spent_won
        return sum((each.won for each in self.things if each.by == "kind"), NOTHING)

    @property
    def is_kept(self) -> bool:
        return all(each.is_kept for each in self.buckets)

    @property
    def unverified_won(self) -> Decimal:
        """The part of what is spent that may never be charged."""
        return NOTHING if self.total is None else self.total.unverified_won

    @property
    def doubted_won(self) -> Decimal:
        """That, and what is kept free for calls that have no end yet."""
        return self.unverified_won + (NOTHING if self.total is None else self.total.open_won)

    def differs_from(self, other: "MonthClose") -> bool:
        """Whether bills or late ends have changed what it says was spent."""
        return (self.buckets, self.billed) != (other.buckets, other.billed)

    def corrected(self, fresh: "MonthClose") -> "MonthClose":
        """With what is known by now; caps and advice stay those of the day it was closed."""
        before = {each.bucket_id: each for each in self.buckets}
        buckets = tuple(
            each._replace(
                cap_won=before[each.bucket_id].cap_won,
                raised_won=before[each.bucket_id].raised_won,
            )
            for each in fresh.buckets
            if each.bucket_id in before
        )
        return fresh._replace(buckets=buckets, savings=self.savings)


def month_name(month: Period) -> str:
    """As in "2026-11".

    >>> month_name(Period(31, 0, 0))
    '1970-02'
    """
    return f"{EPOCH + timedelta(days=month.first_day):%Y-%m}"


def split_gross(won: Decimal, usd: Decimal, vat_ppm: int, fee_ppm: int) -> Dollars:
    """Gross won of calls, taken apart.

    >>> split_gross(Decimal("1122"), Decimal(1), 100_000, 20_000)[1:]
    (Decimal('1000.000000'), Decimal('100.000000'), Decimal('22.000000'))
    """
    net = (won * PPM * PPM / ((PPM + vat_ppm) * (PPM + fee_ppm))).quantize(MICRO)
    vat = (net * vat_ppm / PPM).quantize(MICRO)
    return Dollars(usd, net, vat, won - net - vat)


def billed_of(lines: Iterable[Compared]) -> tuple[Billed, ...]:
    """By provider. Where a bill of the month is there, its days say the same once more."""
    known: dict[str, list[Compared]] = {}
    for line in lines:
        known.setdefault(line.provider, []).append(line)
    return tuple(_billed(provider, known[provider]) for provider in sorted(known))


def _billed(provider: str, lines: Sequence[Compared]) -> Billed:
    whole = [each for each in lines if each.until - each.since > WHOLE_SECONDS]
    counted = whole or lines
    return Billed(
        provider,
        sum((each.ours_usd for each in counted), NOTHING),
        sum((each.theirs_usd for each in counted), NOTHING),
    )
