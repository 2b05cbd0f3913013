"""Raises and releases of a budget: what a person allows beyond the settings, until it ends.

A raise adds won to a cap. A release adds none: important and optional calls may use the cap to its
end, as essential ones may. Moments are UTC epoch seconds.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from models.costs.periods import Period
from models.messages import Message, say

if TYPE_CHECKING:
    # The child that reads a damaged store knows the rows, and no settings.
    from models.settings.budget import Budget

REASON_MAX = 300


class Override(NamedTuple):
    """`revoked_at` is when it ended before its time, or when it was seen to be over.

    Once it is over it stays so, whatever the clock says afterwards.
    """

    override_id: str
    bucket_id: str
    delta_krw: int
    reason: str
    by: str
    created_at: float
    expires_at: float
    revoked_at: float | None = None

    @property
    def is_release(self) -> bool:
        return self.delta_krw == 0

    def is_live(self, now: float) -> bool:
        """Whether it holds at that moment.

        >>> raised = Override("a", "api", 500, "a demo", "kim", 100.0, 200.0)
        >>> raised.is_live(199.9), raised.is_live(200.0), raised._replace(revoked_at=1).is_live(150)
        (True, False, False)
        """
        return self.revoked_at is None and now < self.expires_at


class Effective(NamedTuple):
    """What of a bucket's rule is other than the settings say, and until when."""

    delta_krw: int
    is_released: bool
    until: float | None
    history: tuple[tuple[str, bool], ...]
    """Every override of the period, and whether it holds: another rule each time one ends."""


def effective(
    bucket_id: str, overrides: Iterable[Override], month: Period, now: float
) -> Effective:
    """Of all overrides of a bucket that touch the month.

    >>> month = Period(0, 0, 1_000)
    >>> raised = Override("a", "api", 500, "a demo", "kim", 100.0, 200.0)
    >>> effective("api", [raised, raised._replace(override_id="b", delta_krw=0)], month, 150.0)[:3]
    (500, True, 200.0)
    """
    mine = sorted(each for each in overrides if _touches(each, bucket_id, month))
    live = [each for each in mine if each.is_live(now)]
    return Effective(
        sum(each.delta_krw for each in live),
        any(each.is_release for each in live),
        min((each.expires_at for each in live), default=None),
        tuple((each.override_id, each.is_live(now)) for each in mine),
    )


def why_not(
    asked: Override, known: Sequence[Override], budget: "Budget", month: Period
) -> Message | None:
    """What keeps a raise or release from being allowed, with a value that works; else None.

    `month` is the period that runs when it is asked for.
    """
    cap_krw = budget.caps_krw.get(asked.bucket_id)
    if cap_krw is None:
        return say(
            "{bucket} has no budget; these have: {known}",
            bucket=asked.bucket_id,
            known=", ".join(budget.caps_krw),
        )
    if asked.delta_krw < 0:
        return say("a raise adds won; to lower a cap, change [budget] in the settings")
    if not asked.reason.strip() or len(asked.reason) > REASON_MAX or not asked.reason.isprintable():
        return say("a reason of one line and at most {most} characters is needed", most=REASON_MAX)
    if not asked.created_at < asked.expires_at <= month.until:
        return say("it must end after it begins, and at the latest with the month of the budget")
    return None if asked.is_release else _too_much(asked, known, budget, month, cap_krw)


def _too_much(
    asked: Override, known: Sequence[Override], budget: "Budget", month: Period, cap_krw: int
) -> Message | None:
    before = [
        each
        for each in known
        if _touches(each, asked.bucket_id, month)
        and not each.is_release
        and each.override_id != asked.override_id
    ]
    if len(before) >= budget.raises_max:
        return say(
            "{bucket} was raised {times} times this month, and budget.raises_max is {most}",
            bucket=asked.bucket_id,
            times=len(before),
            most=budget.raises_max,
        )
    live_krw = sum(each.delta_krw for each in before if each.is_live(asked.created_at))
    most_krw = cap_krw * budget.raise_percent_max // 100
    if live_krw + asked.delta_krw > most_krw:
        return say(
            "{bucket} may be raised by {left} won more this month: budget.raise_percent_max is "
            "{percent} % of its {cap} won",
            bucket=asked.bucket_id,
            left=f"{max(0, most_krw - live_krw):,}",
            percent=budget.raise_percent_max,
            cap=f"{cap_krw:,}",
        )
    return None


def _touches(override: Override, bucket_id: str, month: Period) -> bool:
    """One that ended as the month begins is one of the month before."""
    ended_at = override.expires_at if override.revoked_at is None else override.revoked_at
    return (
        override.bucket_id == bucket_id
        and override.created_at < month.until
        and (ended_at > month.since or override.created_at >= month.since)
    )
