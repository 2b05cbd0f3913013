"""What would cost less, and how: recommendations out of what the last 30 days did cost.

Pure. Each says what it goes by, how sure it is, and what it saves a month; what saves too little,
or is known of too few calls, is not said at all. Savings are of those 30 days as they were, never
stretched. Two that look at the same calls overlap: see `together`.
"""

from collections.abc import Iterable
from decimal import Decimal

from models.costs.advice.calls import batch, cheaper_model, off_peak
from models.costs.advice.findings import failed, idle_machines, outside, unverified, used_outside
from models.costs.advice.repeats import cached_beginnings, repeated_calls
from models.costs.advice.shapes import (
    CALLS_MIN,
    SAVING_MIN_WON,
    SPAN_DAYS,
    Advice,
    Facts,
    Kind,
    Market,
)
from models.costs.advice.sizes import large_media, long_thoughts, wide_limits
from models.costs.shapes import NOTHING

__all__ = [
    "CALLS_MIN",
    "SAVING_MIN_WON",
    "SPAN_DAYS",
    "Advice",
    "Facts",
    "Kind",
    "advise",
    "together",
]


def advise(facts: Facts, market: Market) -> list[Advice]:
    """The dearest first; last what saves nothing by itself but should be known."""
    found = [
        *idle_machines(facts.machines),
        *cheaper_model(facts.uses, market),
        *cached_beginnings(facts.beginnings, market),
        *batch(facts.uses, market),
        *repeated_calls(facts.repeats),
        *off_peak(facts.uses, market),
        *wide_limits(facts.limits, facts.left_won, market),
        *long_thoughts(facts.uses, market),
        *large_media(facts.uses, market),
        *failed(facts.losses),
        *unverified(facts.losses),
        *outside(facts.bills),
        *used_outside(facts.minutes),
    ]
    return sorted(found, key=_place)


def _place(advice: Advice) -> tuple[bool, Decimal, str, tuple[str, ...]]:
    saving = advice.saving_krw_month
    return saving is None, -(saving or NOTHING), advice.kind, advice.basis


def together(found: Iterable[Advice]) -> Decimal:
    """What all of them save at least: of those that look at the same calls, only the largest."""
    largest: dict[tuple[str, ...], Decimal] = {}
    for one in found:
        if one.saving_krw_month is not None:
            largest[one.basis] = max(largest.get(one.basis, NOTHING), one.saving_krw_month)
    return sum(largest.values(), NOTHING)
