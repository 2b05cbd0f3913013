"""When a collector runs next, and what its state is called."""

from dataclasses import dataclass

from models.messages import Message, say
from models.monitoring import State, Timing

BACK_OFF_SECONDS_MAX = 300.0
RECHECK_ABSENT_SECONDS = 300.0
STALE_AFTER_INTERVALS = 3


@dataclass(frozen=True, slots=True)
class Attempts:
    """What a collector did so far; moments are on the monotonic clock, in seconds.

    `started_at` is set while a reading is under way. `failures` counts those in a row.
    """

    started_at: float | None = None
    succeeded_at: float | None = None
    failures: int = 0
    absent: Message | None = None
    error: Message | None = None


def delay_seconds(attempts: Attempts, timing: Timing, watched: bool, wall_seconds: float) -> float:
    """How long to wait before the next reading.

    A healthy source is read in the middle of each interval of the wall clock, so that a small
    jitter never moves a reading into the next bucket; the wait itself is never longer than the
    interval, whatever the wall clock does. Failures double it, up to five minutes; a source that
    is not there is looked for every five minutes.

    >>> timing = Timing(10, 5, 100, live_interval_seconds=2)
    >>> delay_seconds(Attempts(), timing, False, 1000.0)
    5.0
    >>> delay_seconds(Attempts(failures=2), timing, False, 1000.0)
    40.0
    """
    if attempts.absent is not None:
        return RECHECK_ABSENT_SECONDS
    interval = timing.interval_seconds
    if attempts.failures and timing.retry_seconds is not None:
        again: float = timing.retry_seconds * 2.0 ** min(attempts.failures - 1, 30)
        return min(timing.retry_seconds_max or interval, again)
    if attempts.failures:
        backed_off: float = interval * 2.0 ** min(attempts.failures, 30)
        return max(interval, min(backed_off, BACK_OFF_SECONDS_MAX))
    if watched and timing.live_interval_seconds is not None:
        interval = min(interval, timing.live_interval_seconds)
    return interval - (wall_seconds - interval / 2) % interval


def state_of(
    attempts: Attempts, timing: Timing, monotonic_seconds: float
) -> tuple[State, Message | None]:
    """Name the state, and say why where it is not `present`.

    Somebody watching makes no reading stale: the last one may be of before the first look.
    """
    started = attempts.started_at
    if started is not None and monotonic_seconds - started > timing.timeout_seconds:
        return State.ERROR, say(
            "no answer for {seconds} s (limit {limit} s); the other sources go on",
            seconds=int(monotonic_seconds - started),
            limit=f"{timing.timeout_seconds:g}",
        )
    if attempts.error is not None:
        return State.ERROR, attempts.error
    if attempts.absent is not None:
        return State.ABSENT, attempts.absent
    if attempts.succeeded_at is None:
        return State.STALE, say("no reading yet")
    age = monotonic_seconds - attempts.succeeded_at
    if age > STALE_AFTER_INTERVALS * timing.interval_seconds:
        return State.STALE, say("no reading for {seconds} s", seconds=int(age))
    return State.PRESENT, None
