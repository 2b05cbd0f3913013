"""How long a person's acknowledgement holds: until what it is about is over, and no longer."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from models.alerts.kept import KeptAlert
from models.budget.alert import PROJECTION, key_of
from models.budget.kept import Told
from models.budget.state import PERCENT_PPM, BucketState
from models.operations import ASKED, FAILED, Operation, latest
from models.requests.kept import NO_END, StandingOrder
from models.tiers import DAY_SECONDS
from sallim.ledger.money_rows import OVERRUN

KNOWN_SECONDS = 7 * DAY_SECONDS
"""So long at most: what is still so after that is told once more."""
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand. `states` are empty as long as nobody has looked at the budgets."""

    states: Mapping[str, BucketState] = field(default_factory=dict)
    told: Sequence[Told] = ()
    operations: Sequence[Operation] = ()


def is_about(alert: KeptAlert, target: str) -> bool:
    """By the number of a message, or by the name of a budget or service."""
    return target in (str(alert.number), alert.bucket_id, alert.target)


def is_over(
    order: StandingOrder, alerts: Collection[KeptAlert], situation: Situation, now: float
) -> bool:
    """`alerts` are those that the order is about; of what nobody can say it ends by its time."""
    latest_at = order.until_at if order.until_at != NO_END else order.since_at + KNOWN_SECONDS
    if now >= latest_at or not order.holds(now):
        return True
    signs = [_is_on(each, situation) for each in alerts]
    return bool(signs) and not any(sign is None or sign for sign in signs)


def _is_on(alert: KeptAlert, situation: Situation) -> bool | None:
    """Whether what it told of is still so; None: nobody can say."""
    if alert.bucket_id:
        return _holds(alert, situation)
    if alert.target:
        last = latest(situation.operations, alert.target)
        return None if last is None else last.state in (ASKED, FAILED)
    return None


def _holds(alert: KeptAlert, situation: Situation) -> bool | None:
    """A line is reached as long as so much of the cap is spent, in the period of its row."""
    row = _row_of(alert, situation.told)
    if not situation.states or row is None:
        return None
    bucket = situation.states.get(row.bucket_id)
    if bucket is None or int(bucket.start * MICRO) != row.start_us:
        return False
    if row.kind == OVERRUN:
        return True
    if row.kind == PROJECTION:
        return bucket.cap_at is not None
    return bucket.has_reached(row.threshold_ppm // PERCENT_PPM)


def _row_of(alert: KeptAlert, told: Iterable[Told]) -> Told | None:
    return next((row for row in told if key_of(row) == alert.dedup_key), None)
