"""A pool as it is, and what the sliders of the page change of it (forecasting.md, 9.6)."""

from collections.abc import Sequence
from typing import NamedTuple

from models.demand.shapes import Measured
from models.scaling.rules import Rules
from models.scaling.shapes import ShortFit
from models.scaling.short import scaled


class Situation(NamedTuple):
    """As it is: `measured` are steps of five minutes, the last of which ended at `now` or before.

    What is known before the last week lets the forecast look back. `fits` are those that are kept,
    oldest first. `is_count`: its steps are counts of what came. Of the budget that pays:
    `cap_micro`, and `committed_micro` with all that is spent, open and leased. `calls_micro`: what
    calls cost on each of the last days. `in_dollars`: an exchange rate moves the price of an hour.
    """

    rules: Rules
    measured: Measured
    now: int
    month_end: int
    is_count: bool = True
    fits: Sequence[ShortFit] = ()
    cap_micro: int | None = None
    committed_micro: int = 0
    calls_micro: Sequence[int] = ()
    in_dollars: bool = False


class Changes(NamedTuple):
    """What the sliders say; None and factors of 1 change nothing."""

    growth_percent: float = 0.0
    headroom: float | None = None
    start_seconds: float | None = None
    hour_micro: int | None = None
    rate_factor: float = 1.0
    utilization: float | None = None
    instances_min: int | None = None
    instances_max: int | None = None
    cap_micro: int | None = None
    capacity: float | None = None
    call_price_factor: float = 1.0


NOTHING_CHANGED = Changes()


def changed(situation: Situation, changes: Changes) -> Situation:
    """The situation as the sliders have it."""
    rules, growth = situation.rules, 1 + changes.growth_percent / 100
    hour = rules.hour_micro if changes.hour_micro is None else changes.hour_micro
    if hour is not None and situation.in_dollars:
        hour = round(hour * changes.rate_factor)
    given = {
        name: value
        for name, value in changes._asdict().items()
        if value is not None and name in Rules._fields
    }
    rules = rules._replace(**{**given, "hour_micro": hour})
    rules = rules._replace(instances_max=max(rules.instances_max, rules.instances_min))
    if growth != 1:
        grown = tuple(None if each is None else each * growth for each in situation.measured.values)
        situation = situation._replace(
            measured=situation.measured._replace(values=grown),
            fits=tuple(scaled(fit, growth) for fit in situation.fits),
        )
    cap = situation.cap_micro if changes.cap_micro is None else changes.cap_micro
    return situation._replace(rules=rules, cap_micro=cap)
