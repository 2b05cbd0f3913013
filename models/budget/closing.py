"""The close of a month out of what the ledger and the journal of stops say."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from models.budget.close import NAMED_MAX, BucketClose, Did, Doubt
from models.budget.overrides import Override
from models.costs.periods import Period
from models.operations import FAILED, VERIFIED, Operation
from sallim.ledger.money_rows import CallRow
from sallim.ledger.statement_rows import Balance

MICRO = 1_000_000


class Counted(NamedTuple):
    """Balances of a month, with the caps and raises that held in it."""

    balances: Sequence[Balance]
    caps_krw: Mapping[str, int]
    overrides: Sequence[Override]
    month: Period


def buckets_of(counted: Counted) -> tuple[BucketClose, ...]:
    """Those that have a cap, in the order of the settings."""
    known = {each.bucket_id: each for each in counted.balances}
    return tuple(
        BucketClose(
            bucket_id,
            Decimal(cap_krw),
            Decimal(_raised(bucket_id, counted)),
            _won(known[bucket_id].settled_micro),
            _won(known[bucket_id].unverified_micro),
            _won(known[bucket_id].reserved_micro),
        )
        for bucket_id, cap_krw in counted.caps_krw.items()
        if bucket_id in known
    )


def _raised(bucket_id: str, counted: Counted) -> int:
    """By all raises of the month, also those that ended before it did."""
    since, until = counted.month.since, counted.month.until
    return sum(
        each.delta_krw
        for each in counted.overrides
        if each.bucket_id == bucket_id and each.created_at < until and _ended_at(each) > since
    )


def _ended_at(override: Override) -> float:
    return override.expires_at if override.revoked_at is None else override.revoked_at


def did_in(operations: Iterable[Operation], month: Period) -> tuple[Did, ...]:
    """Stops and starts that came to an end in it."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in operations:
        if each.state in (VERIFIED, FAILED) and month.since <= each.changed_at < month.until:
            found.setdefault((each.verb, each.ordered_by, each.state), []).append(each.target)
    return tuple(
        Did(*key, len(targets), tuple(sorted(set(targets))))
        for key, targets in sorted(found.items())
    )


def doubts_of(calls: Iterable[CallRow], month: Period) -> tuple[tuple[Doubt, ...], int]:
    """Calls of the month without an end, the dearest first; and how many are not named."""
    mine = [each for each in calls if month.since * MICRO <= each.opened_us < month.until * MICRO]
    mine.sort(key=lambda each: (-each.worst_micro, each.call_id, each.attempt))
    named = tuple(
        Doubt(each.call_id, each.provider, each.model, each.state, _won(each.worst_micro))
        for each in mine[:NAMED_MAX]
    )
    return named, max(0, len(mine) - NAMED_MAX)


def _won(micro: int) -> Decimal:
    return Decimal(micro) / MICRO
