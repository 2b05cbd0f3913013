"""Budget policy: which orders follow from how much of each bucket is spent.

The same function serves the agent, which carries the orders out, and the slider that asks what
would happen at any spending.
"""

from collections.abc import Iterable

from models.budget.full import BACK_PERCENT
from models.budget.orders import (
    TURNS,
    Advise,
    Block,
    BringBack,
    Order,
    PauseWorkflow,
    Severity,
    StopPaid,
    Tell,
)
from models.budget.state import BucketState, Stopped
from models.budget.words import full_message, line_message, projection_message, severity_of
from models.messages import Message
from models.settings.budget import Budget
from sallim.ledger.money_rows import ESSENTIAL, IMPORTANT, OPTIONAL

ALL_PERCENT = 100
PROJECTION = ("projection", ALL_PERCENT)
FULL = ("full", ALL_PERCENT)
WORKFLOW = "workflow:"


def decide(
    buckets: Iterable[BucketState], settings: Budget, now: float, zone: str = "UTC"
) -> tuple[Order, ...]:
    """Say what holds now, in the order in which it must be done.

    More spent never loosens an order.

    >>> from decimal import Decimal
    >>> api = BucketState("api", 0.0, 100.0, Decimal(1000), Decimal(960))
    >>> [type(order).__name__ for order in decide([api.at(Decimal(960))], Budget(), 50.0)]
    ['Block', 'Tell', 'Tell', 'Tell', 'Tell']
    >>> decide([api], Budget(), 50.0)[0]
    Block(bucket_id='api', priorities=('optional', 'important'))
    """
    orders = [order for bucket in buckets for order in _of_bucket(bucket, settings, now, zone)]
    return tuple(sorted(orders, key=lambda order: TURNS.index(type(order))))


def blocked(bucket: BucketState, settings: Budget) -> tuple[str, ...]:
    """The priorities whose new calls are refused by what is spent of this bucket."""
    if bucket.mode == "count" or not bucket.blocks:
        return ()
    important = ALL_PERCENT if bucket.is_released else settings.important_percent
    optional = ALL_PERCENT if bucket.is_released else min(settings.optional_percent, important)
    lines = ((OPTIONAL, optional), (IMPORTANT, important), (ESSENTIAL, ALL_PERCENT))
    return tuple(priority for priority, percent in lines if bucket.is_used_up(percent))


def is_stopping(bucket: BucketState) -> bool:
    """Whether all is spent of a budget that stops what costs money."""
    is_used_up = bucket.is_full or bucket.has_reached(ALL_PERCENT)
    return bucket.mode == "stop" and is_used_up and not bucket.is_released


def _of_bucket(bucket: BucketState, settings: Budget, now: float, zone: str) -> list[Order]:
    orders: list[Order] = []
    refused = blocked(bucket, settings)
    if refused:
        orders.append(Block(bucket.bucket_id, refused))
    if bucket.mode == "stop" and _stops(bucket, settings):
        orders.append(_stop_of(bucket))
    elif bucket.stopped is not None:
        orders.append(BringBack(bucket.bucket_id))
    orders += advice(bucket, settings)
    orders += _tellings(bucket, settings, now, zone)
    return orders


def _stops(bucket: BucketState, settings: Budget) -> bool:
    if bucket.is_released:
        return False
    percent = ALL_PERCENT
    if bucket.bucket_id.startswith(WORKFLOW):
        # Its calls are important unless somebody says otherwise: from there on it only fails.
        percent = settings.important_percent
    if bucket.stopped == Stopped(bucket.start, bucket.version):
        # What is kept free is not there for what would be brought back.
        return bucket.is_full or bucket.is_committed(percent * BACK_PERCENT // ALL_PERCENT)
    return bucket.is_full or bucket.has_reached(percent)


def _stop_of(bucket: BucketState) -> StopPaid | PauseWorkflow:
    if bucket.bucket_id.startswith(WORKFLOW):
        return PauseWorkflow(bucket.bucket_id.removeprefix(WORKFLOW))
    return StopPaid(bucket.bucket_id, (ESSENTIAL,))


def advice(bucket: BucketState, settings: Budget) -> list[Advise]:
    """Steps before anything is refused, where the owner wants to hear of them."""
    found: list[Advise] = []
    if settings.cheaper_percent and bucket.has_reached(settings.cheaper_percent):
        found.append(Advise(bucket.bucket_id, "cheaper_model"))
    if settings.batch_percent and bucket.has_reached(settings.batch_percent):
        found.append(Advise(bucket.bucket_id, "batch"))
    return found


def _tellings(bucket: BucketState, settings: Budget, now: float, zone: str) -> list[Order]:
    found: list[Order] = [
        Tell(
            "threshold",
            bucket.bucket_id,
            percent,
            severity_of(percent, bucket.mode, settings),
            line_message(bucket.bucket_id, percent, bucket.spent_won, bucket.cap_won),
        )
        for percent in settings.alert_percents
        if bucket.has_reached(percent) and ("threshold", percent) not in bucket.told
    ]
    if bucket.is_full and FULL not in bucket.told:
        severity: Severity = "critical" if bucket.mode == "stop" else "warn"
        found.append(Tell("full", bucket.bucket_id, ALL_PERCENT, severity, full_message(bucket)))
    message = _projection(bucket, now, zone)
    if message is not None:
        found.append(Tell("projection", bucket.bucket_id, ALL_PERCENT, "warn", message))
    return found


def _projection(bucket: BucketState, now: float, zone: str) -> Message | None:
    """Once, and only of what is ahead: what is reached already is a line."""
    cap_at = bucket.cap_at
    if cap_at is None or not now <= cap_at < bucket.end:
        return None
    if PROJECTION in bucket.told or bucket.is_used_up(ALL_PERCENT):
        return None
    return projection_message(bucket, cap_at, zone)
