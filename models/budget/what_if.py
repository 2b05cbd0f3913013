"""Budgets as if more or less were spent of one of them, for the policy to say what would follow."""

from collections.abc import Mapping
from decimal import Decimal

from models.budget.state import NOTHING, BucketState
from models.budget.tree import parent_of


def at_spending(
    buckets: Mapping[str, BucketState], bucket_id: str, spent_won: Decimal
) -> list[BucketState]:
    """That bucket and those above it, with nothing told and nothing stopped yet.

    What is spent of one counts in those above it, so the difference to now moves them too.

    >>> total = BucketState("total", 0, 1, Decimal(200), Decimal(50))
    >>> api = BucketState("api", 0, 1, Decimal(100), Decimal(30))
    >>> found = at_spending({"total": total, "api": api}, "api", Decimal(90))
    >>> [(each.bucket_id, str(each.spent_won)) for each in found]
    [('api', '90'), ('total', '110')]
    """
    more = spent_won - buckets[bucket_id].spent_won
    found: list[BucketState] = []
    above: str | None = bucket_id
    while above is not None:
        bucket = buckets.get(above)
        if bucket is not None:
            found.append(bucket.at(max(NOTHING, bucket.spent_won + more)))
        above = parent_of(above)
    return found
