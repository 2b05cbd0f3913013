"""The one sentence of a plan: how many, and the figures of what decided."""

from collections.abc import Mapping
from typing import Final

from models.messages import Message, Value, say
from models.scaling.allowed import Allowed
from models.scaling.decide import MARGIN_SECONDS, Decision, Now, Term
from models.scaling.rules import Rules

IDLE = say("{wanted}: nothing is to do")
SENTENCES: Final[Mapping[Term, Message]] = {
    "held": say("{wanted} as now: what they have to do is not measured at the moment"),
    "load": say(
        "{wanted}: {load} is measured, and one carries {capacity} at {percent} %; the limits let "
        "{most}"
    ),
    "steady": say("{wanted} as now: {load} is within a tenth of what they should carry"),
    "forecast": say(
        "{wanted}: up to {high} is forecast for the next {ahead} (of 100 such forecasts {of_100} "
        "stay below), and one carries {capacity}; the limits let {most}"
    ),
    "allowed": say("{wanted}, though demand asks for {need}: {why}"),
    "most": say("{wanted}, though demand asks for {need}: the settings let no more"),
    "least": say("{wanted}, the least that the settings ask for; demand needs {need}"),
    "falling": say("{wanted} for now: {desired} would do, once that has held for {down}"),
    "paid": say("{wanted} for now: {desired} would do, but they are paid for up to {paid} more"),
}


def reason_of(rules: Rules, now: Now, found: Decision, allowed: Allowed) -> Message:
    is_idle = found.term == "load" and not now.load and not found.wanted
    values: dict[str, Value] = {
        "wanted": machines(found.wanted),
        "load": number(now.load or 0.0),
        "capacity": number(rules.capacity),
        "percent": round(rules.utilization * 100),
        "most": max(min(allowed.machines, rules.instances_max), 0),
        "high": number(max(now.highs or (0.0,))),
        "ahead": minutes(rules.start_seconds + MARGIN_SECONDS),
        "of_100": round(rules.headroom * 100),
        "need": found.need if found.term == "least" else max(found.need, rules.instances_min),
        "why": allowed.why,
        "desired": found.desired,
        "down": minutes(rules.down_seconds),
        "paid": minutes(max(now.paid_seconds, default=0.0)),
    }
    return used(IDLE if is_idle else SENTENCES[found.term], values)


def used(sentence: Message, values: Mapping[str, Value]) -> Message:
    """With those of the values that it names."""
    template = sentence.template
    return Message(
        template, {name: value for name, value in values.items() if f"{{{name}}}" in template}
    )


def number(value: float) -> str:
    """For a sentence: three digits are enough.

    >>> number(130.0), number(0.1234), number(12_345.6)
    ('130', '0.123', '12,346')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machines(count: int) -> Message:
    return say("1 machine") if count == 1 else say("{count} machines", count=count)


def jobs(count: int) -> Message:
    return say("1 job") if count == 1 else say("{count} jobs", count=count)


def minutes(seconds: float) -> Message:
    return say("{minutes} min", minutes=max(round(seconds / 60), 1))
