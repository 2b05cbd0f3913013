"""From the balances of the ledger to the states that the policy looks at."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from models.budget.overrides import Override
from models.budget.state import BucketState
from models.costs.periods import period_at
from models.requests.kept import StandingOrder, paused_until
from models.settings.automation import Automation
from models.settings.budget import Budget
from models.stopping import STOP
from sallim.ledger.statement_rows import Balance

MICRO = 1_000_000
BACK_SECONDS = 2 * 3_600.0
"""A clock that was a little ahead, or is put back by an hour; more is one that was wrong."""


def states_of(
    balances: Iterable[Balance], settings: Budget, known: Sequence[Override], now: float
) -> dict[str, BucketState]:
    """By their ids; those that have no cap in the settings any more are left out."""
    released = {each.bucket_id for each in known if each.is_release and each.is_live(now)}
    caps = settings.caps_krw
    return {
        each.bucket_id: BucketState(
            each.bucket_id,
            each.start_us / MICRO,
            each.end_us / MICRO,
            _won(each.cap_micro),
            _won(each.settled_micro),
            _won(each.unverified_micro),
            _won(each.reserved_micro),
            each.version,
            settings.mode_of(each.bucket_id),
            each.bucket_id in released,
        )
        for each in balances
        if each.bucket_id in caps
    }


def as_allowed(
    state: BucketState, automation: Automation, pauses: Iterable[StandingOrder]
) -> BucketState:
    """With what `[automation]` lets budgets do; `pauses` are those that hold."""
    return state._replace(
        blocks=automation.block == "on",
        stops=automation.stop,
        paused_until=paused_until(pauses, STOP),
    )


def held_back(wall: float, last_start: float | None, zone: ZoneInfo) -> tuple[float, float]:
    """The moment to go by, and the beginning of its month.

    A month that is over does not begin again because the clock was put back a little.

    >>> seoul = ZoneInfo("Asia/Seoul")
    >>> december = 1_796_050_800.0
    >>> held_back(december - 3_600, december, seoul) == (december, december)
    True
    >>> held_back(december - 3_600, None, seoul)[0] == december - 3_600
    True
    """
    if last_start is not None and last_start - BACK_SECONDS <= wall < last_start:
        return last_start, last_start
    return wall, float(period_at(wall, "month", zone).since)


def _won(micro: int) -> Decimal:
    return Decimal(micro) / MICRO
