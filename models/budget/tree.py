"""The budgets as a tree: total -> api, servers, other -> providers, workflows, tokens.

What counts in a bucket counts in those above it. A cap below does not lift one above: the ledger
asks all of them. `other` has no cap and no row of its own: it is what of the total is neither.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from models.budget.state import NOTHING, BucketState

TOTAL, API, SERVERS, OTHER = "total", "api", "servers", "other"
GROUPS = (API, SERVERS)
BELOW_API = ("provider", "workflow", "key")


def parent_of(bucket_id: str) -> str | None:
    """None for the total.

    >>> parent_of("workflow:ocr"), parent_of("servers"), parent_of("total")
    ('api', 'total', None)
    """
    if bucket_id == TOTAL:
        return None
    return API if bucket_id.partition(":")[0] in BELOW_API else TOTAL


def children_of(bucket_id: str, known: Iterable[str]) -> list[str]:
    """Those of the known buckets that stand directly below it, in the order of their names."""
    return sorted(each for each in known if parent_of(each) == bucket_id)


def other_spent_won(buckets: Mapping[str, BucketState]) -> Decimal:
    """Spent of the total that is in none of its groups, which have a budget of their own.

    >>> total = BucketState("total", 0, 1, Decimal(100), Decimal(30))
    >>> other_spent_won({"total": total, "api": total._replace(settled_won=Decimal(21))})
    Decimal('9')
    """
    if TOTAL not in buckets:
        return NOTHING
    groups = sum((buckets[each].spent_won for each in GROUPS if each in buckets), NOTHING)
    return max(NOTHING, buckets[TOTAL].spent_won - groups)
