"""Whether a forecast may start machines: only while it has proven itself for a week.

forecasting.md 9.4. It is asked after each accuracy; what it says anew is an event.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from models.demand.accuracy import Accuracy
from models.messages import Message, say
from models.tiers import DAY_SECONDS

FIRST_SECONDS = 7 * DAY_SECONDS
DAYS, AHEAD = 7, 1
"""Of the accuracy that decides: seven days, one step ahead."""
COVERAGE80 = (0.70, 0.92)
STEPS_MIN = 84
"""Of the 168 hours of a week half must have been judged."""


class Gate(NamedTuple):
    """`figures` are JSON: what the answer rests on."""

    is_on: bool
    reason: Message
    figures: Mapping[str, Any] = MappingProxyType({})


def gate(first_made_at: int | None, accuracy: Accuracy | None, now: float) -> Gate:
    """By when the target was first forecast (UTC epoch seconds), and its accuracy of a week.

    `accuracy` is that of DAYS and AHEAD.
    """
    if first_made_at is None:
        return Gate(False, say("nothing is forecast yet"))
    days = (now - first_made_at) / DAY_SECONDS
    if now - first_made_at < FIRST_SECONDS:
        reason = say("forecast only for the first 7 days: {days} are over", days=f"{days:.1f}")
        return Gate(False, reason, {"days": round(days, 2)})
    if accuracy is None or accuracy.steps < STEPS_MIN:
        steps = 0 if accuracy is None else accuracy.steps
        reason = say(
            "only {steps} hours of the last 7 days could be judged, and {needed} are needed",
            steps=steps,
            needed=STEPS_MIN,
        )
        return Gate(False, reason, {"steps": steps})
    return _judged(accuracy)


def _judged(accuracy: Accuracy) -> Gate:
    skill, coverage = accuracy.skill, accuracy.coverage80
    figures = {
        "skill": skill,
        "coverage80": coverage,
        "one_minus_wape": accuracy.one_minus_wape,
        "naive_one_minus_wape": accuracy.naive_one_minus_wape,
        "steps": accuracy.steps,
    }
    if skill is None or skill <= 0:
        reason = say(
            "over 7 days it was no better than the day before (skill {skill})",
            skill="-" if skill is None else f"{skill:.2f}",
        )
        return Gate(False, reason, figures)
    low, high = COVERAGE80
    if coverage is None or not low <= coverage <= high:
        reason = say(
            "over 7 days its 80 % band held {held} % of the hours, and {low} to {high} % are right",
            held="-" if coverage is None else f"{100 * coverage:.0f}",
            low=f"{100 * low:.0f}",
            high=f"{100 * high:.0f}",
        )
        return Gate(False, reason, figures)
    reason = say(
        "over 7 days it was better than the day before (skill {skill}), and its 80 % band held "
        "{held} % of the hours",
        skill=f"{skill:.2f}",
        held=f"{100 * coverage:.0f}",
    )
    return Gate(True, reason, figures)
