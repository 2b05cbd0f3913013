"""Folding values into buckets of time, so that a rollup of rollups equals the rollup of the raw."""

from collections.abc import Iterable

from models.monitoring import Aggregate


def of_value(value: float) -> Aggregate:
    return Aggregate(value, value, value, 1)


def with_value(before: Aggregate, value: float) -> Aggregate:
    """The aggregate after one more value, without keeping those before.

    >>> with_value(with_value(of_value(1.0), 3.0), 2.0)
    Aggregate(mean=2.0, min=1.0, max=3.0, n=3)
    """
    n = before.n + 1
    return Aggregate(
        before.mean + (value - before.mean) / n,
        min(before.min, value),
        max(before.max, value),
        n,
    )


def merged(parts: Iterable[Aggregate]) -> Aggregate:
    """Fold aggregates of the same bucket: means weigh by n, extremes stay extreme.

    >>> merged([Aggregate(1.0, 0.0, 2.0, 2), Aggregate(4.0, 4.0, 4.0, 1)])
    Aggregate(mean=2.0, min=0.0, max=4.0, n=3)
    """
    parts = list(parts)
    n = sum(part.n for part in parts)
    return Aggregate(
        sum(part.mean * part.n for part in parts) / n,
        min(part.min for part in parts),
        max(part.max for part in parts),
        n,
    )


def bucket_start(epoch_seconds: float, bucket_seconds: int) -> int:
    """Start of the half-open bucket [start, start + bucket_seconds) that holds the moment."""
    return int(epoch_seconds // bucket_seconds) * bucket_seconds
