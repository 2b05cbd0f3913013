"""The three tiers of history, and which of them answers a question."""

from dataclasses import dataclass

HOUR_SECONDS = 3_600
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Tier:
    """`view` is the name to query; a bucket holds `step_seconds`; rows live `kept_seconds`."""

    view: str
    step_seconds: int
    kept_seconds: int


RAW = Tier("samples", 10, 48 * HOUR_SECONDS)
MINUTE = Tier("samples_1m", 60, 30 * DAY_SECONDS)
TEN_MINUTES = Tier("samples_10m", 600, 400 * DAY_SECONDS)
TIERS = (RAW, MINUTE, TEN_MINUTES)


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where to read, and how wide the buckets of the answer are."""

    tier: Tier
    bucket_seconds: int


def resolution_for(since: float, until: float, now: float, points_max: int) -> Resolution:
    """Pick the tier and bucket that show [since, until) in at most `points_max` points.

    All moments are UTC epoch seconds. The finest tier that still holds `since` is taken, unless
    a coarser one gives as many points for less reading: its step must fit in the bucket.

    >>> day = resolution_for(0, 86_400, 86_400, 300)
    >>> day.tier.view, day.bucket_seconds
    ('samples_1m', 300)
    """
    span = max(until - since, 1.0)
    wanted = span / points_max
    age = now - since
    holding = [tier for tier in TIERS if age <= tier.kept_seconds] or [TIERS[-1]]
    tier = max(
        (tier for tier in holding if tier.step_seconds <= wanted),
        key=lambda tier: tier.step_seconds,
        default=holding[0],
    )
    steps = max(1, -int(-wanted // tier.step_seconds))
    bucket = tier.step_seconds * steps
    # An unaligned span touches one bucket more than it is long.
    while span / bucket + 1 > points_max > 1:
        bucket += tier.step_seconds
    return Resolution(tier, bucket)
