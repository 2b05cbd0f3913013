"""Traffic and space out of what was measured: whole bytes, and what of them costs something.

Moments are UTC epoch seconds. A quantity is bytes of traffic, or byte-seconds of space: both are
what the values of a series add up to over time.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from models.costs.charges import Item
from models.costs.dues import TOTAL
from models.costs.kinds import SERVERS_BUCKET
from models.costs.periods import date_of
from models.settings.metered import Metered

CADENCE_SECONDS_MAX = 3_600
"""A source is read at least that often."""
GAP_SECONDS = 600
"""Less is a restart, and nothing that a person need know."""


class Bucket(NamedTuple):
    """The mean of one series from `at` on."""

    at: float
    mean: float


class Measured(NamedTuple):
    quantity: int
    missing_seconds: int


class MeteredMonth(NamedTuple):
    """One item this month, as pages are told it: `won` were booked for what of `gb` is not free.

    `counted_to` is the last day that counts, "" before the first. `gaps` are days of which a part
    was not measured, with how many seconds that is.
    """

    name: str
    kind: str
    provider: str
    gb: Decimal
    free_gb: Decimal
    price: str
    won: Decimal
    counted_to: str
    gaps: Sequence[tuple[str, int]]


def measured(
    series: Sequence[Sequence[Bucket]], span: tuple[float, float], step_seconds: int
) -> Measured:
    """Of [since, until). Each value counts as long as its series usually waits for the next.

    For the time without a value nothing counts; it is missing where no series has one.

    >>> measured([[Bucket(0, 2.5), Bucket(60, 1.0)]], (0, 180), 60)
    Measured(quantity=210, missing_seconds=60)
    """
    since, until = span
    parts = [_added(one, until, step_seconds) for one in series]
    covered = max((seconds for _, seconds in parts), default=0)
    quantity = sum(amount for amount, _ in parts)
    return Measured(quantity, max(round(until - since - covered), 0))


def _added(buckets: Sequence[Bucket], until: float, step_seconds: int) -> tuple[int, float]:
    """Whole bytes, and for how long there were values."""
    apart = [after.at - before.at for before, after in pairwise(buckets)]
    cadence = min(max(median(apart) if apart else 0, step_seconds), CADENCE_SECONDS_MAX)
    amount, covered = Decimal(0), 0.0
    ends = [*(bucket.at for bucket in buckets[1:]), *[until] * bool(buckets)]
    for bucket, end in zip(buckets, ends, strict=True):
        seconds = min(end - bucket.at, cadence)
        amount += Decimal(bucket.mean) * Decimal(seconds)
        covered += seconds
    return round(amount), covered


def allowed_gap_seconds(step_seconds: int) -> int:
    """At both ends of a day a source that is read rarely may lack one reading."""
    return max(GAP_SECONDS, 2 * step_seconds)


def gigabytes(quantity: int, metered: Metered, month_seconds: int) -> Decimal:
    """GB of traffic; of space GB for the whole month.

    >>> half = Metered(name="disk", kind="storage")
    >>> gigabytes(40 * 10**9 * 86_400 * 15, half, 86_400 * 30)
    Decimal('20')
    """
    whole = metered.gb_bytes * (month_seconds if metered.kind == "storage" else 1)
    return Decimal(quantity) / whole


def charged_gigabytes(before: Decimal, more: Decimal, free_gb: float) -> Decimal:
    """What of `more` costs something, after `before` in the same month.

    >>> charged_gigabytes(Decimal(18), Decimal(5), 20)
    Decimal('3')
    >>> [charged_gigabytes(Decimal(before), Decimal(5), 20) for before in (2, 30)]
    [Decimal('0'), Decimal('5')]
    """
    free = Decimal(repr(free_gb))
    return max(before + more - free, Decimal(0)) - max(before - free, Decimal(0))


def metered_item(metered: Metered, day: int, quantity: int) -> Item:
    """Of one day of the house's zone."""
    unit = "B" if metered.kind == "network" else "B s"
    return Item(
        key=f"{metered.kind}:{metered.name}:{date_of(day)}",
        provider=metered.provider,
        endpoint=f"{metered.kind}:{metered.name}",
        buckets=(SERVERS_BUCKET, TOTAL, f"provider:{metered.provider}"),
        note=f"{quantity} {unit}",
    )
