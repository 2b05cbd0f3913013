"""The won to the end of each month that runs: one work a bucket, once a day."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo

from agent.asking import Asking
from models.costs.burn import HISTORY_BEFORE_DAYS
from models.costs.shapes import Bucket
from models.demand.shapes import Work
from models.tiers import DAY_SECONDS
from sallim.money import MICRO


def month_works(store: Asking, zone: ZoneInfo, now: int) -> Iterator[Work]:
    """Raises StoreError."""
    from data.costs import buckets
    from data.ops.demand_series import daily_won
    from data.ops.within import Within

    for bucket in store.read(lambda cursor: buckets(Within(cursor), now)):
        since = int(bucket.start) - HISTORY_BEFORE_DAYS * DAY_SECONDS
        name = bucket.bucket_id
        won = store.read(
            lambda cursor, name=name, span=(since, now): daily_won(cursor, name, span, zone)  # type: ignore[misc]
        )
        yield Work(name, "month", won, zone.key, now, month_args(bucket))


def month_args(bucket: Bucket) -> Mapping[str, object]:
    """Whole micro-won: what is spent, and what is reserved."""
    return {
        "bucket_id": bucket.bucket_id,
        "spent_micro": _micro(bucket.settled_won + bucket.unverified_won),
        "fixed_micro": _micro(bucket.open_won),
        "cap_micro": _micro(bucket.cap_won),
        "start_at": int(bucket.start),
        "end_at": int(bucket.end),
    }


def _micro(won: Decimal) -> int:
    return int(won * MICRO)
