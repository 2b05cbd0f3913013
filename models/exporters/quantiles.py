"""Quantiles out of the buckets of a histogram, as Prometheus' histogram_quantile gives them."""

import math
from collections.abc import Mapping


def quantile(buckets: Mapping[float, float], share: float) -> float | None:
    """Value below which that share lies; `buckets` are cumulative counts by upper bound.

    Within a bucket the values are taken as evenly spread; above the last finite bound nothing is
    known, so that bound is the answer. None without any count.

    >>> quantile({0.0: 0, 0.5: 10, math.inf: 10}, 0.5)
    0.25
    >>> quantile({0.1: 0, 0.5: 1, math.inf: 10}, 0.95)
    0.5
    """
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds and math.isinf(bounds[-1]) else 0
    if total <= 0:
        return None
    rank = share * total
    below, lower = 0.0, 0.0
    for bound in bounds:
        count = max(buckets[bound], below)  # counts of one answer need not be of one moment
        if count >= rank and count > below:
            if math.isinf(bound):
                return lower if len(bounds) > 1 else None
            start = min(lower, bound) if below or bound > 0 else bound
            return start + (bound - start) * (rank - below) / (count - below)
        below, lower = count, bound
    return None


def grown(
    before: Mapping[float, float] | None, now: Mapping[float, float]
) -> dict[float, float] | None:
    """What came into each bucket since then; None without predecessor and after a reset.

    >>> grown({1.0: 2}, {1.0: 5}), grown({1.0: 5}, {1.0: 2}), grown(None, {1.0: 2})
    ({1.0: 3}, None, None)
    """
    if before is None or before.keys() != now.keys():
        return None
    growth = {bound: count - before[bound] for bound, count in now.items()}
    return None if any(count < 0 for count in growth.values()) else growth
