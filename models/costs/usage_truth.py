"""What calls in doubt really used, out of what a provider counts by the minute.

A call whose caller crashed counts at its worst case until somebody says what it used. The bill
does, after two days; the provider's counts do within minutes. What is left of them when
everything is taken off that settled calls surely used is the most that the calls in doubt can
have used: no more than what is above that is given back, and only where the counts are complete.

Moments are UTC epoch seconds, spans half-open; prices are whole nano-USD.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from models.costs.minutes import (
    TOOLS,
    Counts,
    Minute,
    around,
    by_model,
    calls_by_model,
    requests_of,
    times_of,
    within,
)
from models.costs.reconcile import SettleAt
from models.costs.used import Used, summed, used_by
from sallim.ledger.money_rows import SETTLED, UNVERIFIED, USAGE, CallRow
from sallim.money import MICRO
from sallim.prices import PriceList, cost_of

MINUTE_SECONDS = 60
SOON_SECONDS = 600
"""After this a provider has counted what it says that it has."""
LONG_SECONDS = 3_600
"""After this what is missing never came there, if what came later is counted already."""

DEAR_TIERS = ("priority", "fast")
"""May have answered where no tier is told."""
UNTOLD_TIERS = {"anthropic": ("fast",)}
"""Its fast mode is a speed, and no tier."""


class Proof(NamedTuple):
    """A call in doubt used no more than this; `used` is None where several share it."""

    order: SettleAt
    used: Used | None


class _Cluster(NamedTuple):
    """Calls in doubt of one model whose times overlap."""

    since: float
    until: float
    doubts: list[CallRow]


def proofs(counts: Counts, prices: PriceList, now: float) -> list[Proof]:
    """What is proven by now; about everything else the bill decides."""
    both = _Both(counts)
    found: list[Proof] = []
    for key, mine in both.ours.items():
        for cluster in _clusters(call for call in mine if call.state == UNVERIFIED):
            if cluster.since >= counts.since and now >= cluster.until + SOON_SECONDS:
                found += _settled(cluster, both.left(key, cluster, now), prices)
    return found


class _Both:
    """Their minutes and our calls, by model."""

    def __init__(self, counts: Counts) -> None:
        self.theirs = by_model(counts.told)
        self.ours = calls_by_model(counts.calls)

    def left(self, key: str, cluster: _Cluster, now: float) -> Mapping[str, Used]:
        """By tier, what settled calls surely did not use; empty while nothing is proven."""
        span = cluster.since, cluster.until
        theirs = within(self.theirs.get(key, ()), *span)
        calls = around(self.ours[key], *span)
        known = summed(used_by(call) for call in calls if _is_inside(call, *span))
        left = summed(each.used for each in theirs).less(known)
        # Less than we know of: they have not counted everything yet. And what a search costs
        # stands in no count of tokens.
        if min(left) < 0 or within(self.theirs.get(TOOLS, ()), *span):
            return {}
        requests = requests_of(theirs)
        if requests == len(calls) or self._is_over(requests or 0, len(calls), cluster, now):
            return dict.fromkeys(_tiers(cluster.doubts[0].provider, theirs), left)
        return {}

    def _is_over(self, requests: int, calls: int, cluster: _Cluster, now: float) -> bool:
        """Long after: all that is counted is ours, and what came later is counted already."""
        if now < cluster.until + LONG_SECONDS or requests > calls:
            return False
        later = (each for known in self.theirs.values() for each in known)
        if not any(each.since >= cluster.until and any(each.used) for each in later):
            return False
        return all(self._is_explained(key, cluster) for key in self.theirs)

    def _is_explained(self, key: str, cluster: _Cluster) -> bool:
        """A provider may count a call under another name than that of the model it was asked."""
        calls = self.ours.get(key, ())
        if any(call.state == UNVERIFIED for call in calls):
            return True
        span = cluster.since, cluster.until
        known = summed(used_by(call) for call in around(calls, *span))
        theirs = summed(each.used for each in within(self.theirs[key], *span))
        return max(theirs.less(known)) <= 0


def _tiers(provider: str, theirs: Sequence[Minute]) -> set[str]:
    """All that may have answered."""
    told = {each.service_tier for each in theirs} or {""}
    return told.union(DEAR_TIERS if "" in told else (), UNTOLD_TIERS.get(provider, ()))


def _is_inside(call: CallRow, since: float, until: float) -> bool:
    """Whether all that it used is in the span, and known: an estimate may be too high."""
    first, last = times_of(call)
    return call.state == SETTLED and call.source == USAGE and since <= first and last <= until


def _clusters(doubts: Iterable[CallRow]) -> Iterator[_Cluster]:
    known: _Cluster | None = None
    for call in sorted(doubts, key=lambda call: call.opened_us):
        first, last = times_of(call)
        since = first // MINUTE_SECONDS * MINUTE_SECONDS
        until = -(-last // MINUTE_SECONDS) * MINUTE_SECONDS
        if known is not None and since < known.until:
            known = _Cluster(known.since, max(until, known.until), [*known.doubts, call])
            continue
        if known is not None:
            yield known
        known = _Cluster(since, until, [call])
    if known is not None:
        yield known


def _settled(cluster: _Cluster, left: Mapping[str, Used], prices: PriceList) -> Iterator[Proof]:
    """None where all that is kept for them may have been used: then nothing is given back."""
    rates = prices.find(cluster.doubts[0].provider, cluster.doubts[0].model)
    if not left or rates is None or rates.prices("request"):
        return
    moments = (int(cluster.since * MICRO), int(cluster.until * MICRO))
    # At the dearest of the tiers and times that answered there.
    nano = max(
        cost_of(used.usage(tier), rates, at_us) for tier, used in left.items() for at_us in moments
    )
    if nano >= sum(call.worst_nano_usd for call in cluster.doubts):
        return
    only = next(iter(left.values())) if len(cluster.doubts) == 1 else None
    for call in cluster.doubts:
        part = min(call.worst_nano_usd, nano)
        nano -= part
        yield Proof(SettleAt(call.call_id, call.attempt, part), only)
