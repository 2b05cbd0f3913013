"""How many machines a pool should have now, as numbers (forecasting.md, 8.2 and 9.5).

The agent, the simulator and the sliders of the page decide by this one function. The budget wins
over the settings, these over demand; a forecast only ever raises the number.
"""

from collections.abc import Sequence
from math import ceil
from typing import Literal, NamedTuple

from models.scaling.rules import Rules
from models.scaling.shapes import BUCKET_SECONDS

TOLERANCE = 0.1
"""A load this near to what was planned for changes nothing."""
MARGIN_SECONDS = 60.0
"""A forecast is looked at so much further than a machine needs to start."""
LEAST_SHARE = 0.1
"""Of a first machine: a night's forecast is never quite nothing, and less than this starts none."""
PAID_SECONDS = 600.0
"""A machine whose paid time lasts longer than this is kept (scaling.md, 7.4)."""
ROUNDING = 1e-9
MACHINES_MAX = 1_000_000
"""More are never asked for, however high a series is: a number that can be kept."""

Term = Literal["held", "load", "steady", "forecast", "allowed", "most", "least", "falling", "paid"]
"""What decided: nothing is measured; the load; it changed too little; the forecast; the budget; the
settings; more was wanted a short while ago; a machine is paid for."""
Past = tuple[tuple[float, int], ...]
"""Moments, and what was wanted then; only those that still count."""


class Now(NamedTuple):
    """`load` is None where it is not measured, or too old. `highs` are steps of five minutes from
    `highs_at` on, None where no forecast may raise the number. `allowed` is what the budget lets.

    `paid_seconds`: of each machine that is charged in long steps, how long it is paid for yet.
    """

    at: float
    load: float | None
    ready: int
    pending: int
    allowed: int
    highs: Sequence[float] | None = None
    highs_at: float = 0.0
    past: Past = ()
    paid_seconds: Sequence[float] = ()

    @property
    def there(self) -> int:
        return self.ready + self.pending


class Decision(NamedTuple):
    """`need` is what demand asks for, `desired` that within all limits, `wanted` what holds."""

    wanted: int
    desired: int
    need: int
    reactive: int
    predicted: int | None
    term: Term
    past: Past


def decide(rules: Rules, now: Now) -> Decision:
    """What is measured or forecast decides upwards at once, and downwards when it has lasted.

    >>> rules = Rules("gpu", capacity=80, instances_max=3, utilization=1.0)
    >>> decide(rules, Now(0.0, 130.0, 1, 0, allowed=3)).wanted
    2
    """
    most = max(min(now.allowed, rules.instances_max), 0)
    predicted = forecast_need(rules, now)
    if now.load is None:
        held = min(max(now.there, rules.instances_min), most)
        return Decision(held, held, held, now.there, predicted, "held", now.past)
    reactive = load_need(rules, now.load, now.ready, now.pending)
    need = max(reactive, predicted or 0)
    desired = min(max(need, rules.instances_min), most)
    past = remembered(now.past, now.at, desired, rules.down_seconds)
    wanted = settled(desired, now.there, past)
    # What the money no longer lets goes at once.
    kept = min(max(wanted, _lasting(now)) if now.paid_seconds else wanted, most)
    term = _term(rules, now, (reactive, predicted, need, desired), (wanted, kept))
    return Decision(kept, desired, need, reactive, predicted, term, past)


def _lasting(now: Now) -> int:
    return min(sum(seconds > PAID_SECONDS for seconds in now.paid_seconds), now.there)


def load_need(rules: Rules, load: float, ready: int, pending: int) -> int:
    """By what is measured, in the manner of Kubernetes' HPA."""
    room = rules.capacity * rules.utilization
    if ready:
        share = load / (ready * room)
        # Never so near that it would not fit.
        if abs(share - 1) <= TOLERANCE and load <= ready * rules.capacity:
            return ready + pending
    return whole(load / room)


def forecast_need(rules: Rules, now: Now) -> int | None:
    """By the highest step that begins before a machine ordered now was ready for a minute."""
    if now.highs is None or not rules.prediction:
        return None
    since = now.at - now.highs_at
    until = since + rules.start_seconds + MARGIN_SECONDS
    if until < 0:
        return None
    first = int(since // BUCKET_SECONDS) if since > 0 else 0
    covered = now.highs[first : int(until // BUCKET_SECONDS) + 1]
    if not covered:
        return None
    share = max(covered) / rules.capacity
    return whole(share) if share >= LEAST_SHARE else 0


def whole(number: float) -> int:
    """So many machines; what is a whole number but for its rounding is that number.

    >>> whole(2.0000000001), whole(2.1), whole(float("inf"))
    (2, 3, 1000000)
    """
    return ceil(min(number, MACHINES_MAX) - ROUNDING) if number > ROUNDING else 0


def remembered(past: Past, at: float, desired: int, seconds: float) -> Past:
    """What was wanted in the last `seconds`; the first is the highest, and lower ones follow."""
    since = at - seconds
    return (*[each for each in past if each[0] > since and each[1] > desired], (at, desired))


def settled(desired: int, there: int, past: Past) -> int:
    """More at once; fewer only down to the most that was wanted in the time remembered."""
    return max(desired, min(past[0][1], there))


def _term(
    rules: Rules, now: Now, needs: tuple[int, int | None, int, int], ends: tuple[int, int]
) -> Term:
    reactive, predicted, need, desired = needs
    wanted, kept = ends
    if kept > wanted:
        return "paid"
    if wanted > desired:
        return "falling"
    if desired < max(need, rules.instances_min):
        return "allowed" if now.allowed < rules.instances_max else "most"
    if desired > need:
        return "least"
    return "forecast" if (predicted or 0) > reactive else _by_load(rules, now, reactive)


def _by_load(rules: Rules, now: Now, reactive: int) -> Term:
    exact = whole((now.load or 0.0) / (rules.capacity * rules.utilization))
    return "load" if exact == reactive else "steady"
