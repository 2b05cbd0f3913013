"""How many videos customers of the demo household send: in batches by the hour, as people work."""

from models.demo.signals import HOUR, Clock, Signal

BATCH_SECONDS = 900
"""What an hour brings comes in its first quarter."""
VIDEOS_A_BUSY_HOUR = 11.0
CLOSE_TO_USUAL = 0.3


def batch_at(t: Signal) -> Signal:
    """When the batch of the hour of that moment began."""
    return t - t % HOUR


def videos_in(batch: Clock) -> Signal:
    """A whole number for the batch that begins at that moment: few at night and on weekends.

    >>> import math
    >>> tuesday = 1_795_392_000 + 86_400  # 00:00 UTC, 09:00 in Korea
    >>> [videos_in(Clock(tuesday + hour * HOUR, math)) for hour in (-4, 1, 2, 8, 14)]
    [0, 10, 10, 12, 1]
    """
    hour = batch.step(HOUR)
    usual = VIDEOS_A_BUSY_HOUR * batch.office
    usual = usual * (1 + CLOSE_TO_USUAL * (batch.chance(401, hour) - 0.5))
    return batch.xp.floor(usual + batch.chance(402, hour))
