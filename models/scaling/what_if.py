"""What would have come of the last seven days with other figures: the sliders of the page `demand`.

The demand of the last week is taken for that of the coming one, and replayed through the agent's
own decisions with the money that is left: beside it the same with nothing changed, without any
forecast (of rare work: on for each job), and what could not be done with less (forecasting.md,
9.6).
"""

from typing import NamedTuple

from models.demand.shapes import Measured
from models.messages import Message, say
from models.scaling.changes import NOTHING_CHANGED, Changes, Situation, changed
from models.scaling.jobs import per_job, rare
from models.scaling.month import Band, Money, month_band
from models.scaling.outlook import minutes_of, no_outlook, outlook_of
from models.scaling.policies import Outlook, oracle, ours
from models.scaling.replayed import (
    Outcome,
    late_of,
    outcome_of,
    outcome_of_jobs,
    outcome_of_work,
)
from models.scaling.simulate import Purse, Trace, run

WEEK_SECONDS = 7 * 86_400
MINUTE_SECONDS = 60
HINDSIGHT = say(
    "The forecast of the newest fit stands for the whole week, also for days that it knew: it "
    "looks a little better here than it was."
)
WITHOUT = say("No forecast can be made yet, so what is measured decides alone.")
SHORT = say("Less than a week is known: {days} days stand for it.")


class WhatIf(NamedTuple):
    """`calls` are the won of calls from now to the month's end, as they are and as changed.

    `start_at` is the moment for which the first of the counts of each outcome stands.
    """

    start_at: int
    as_is: Outcome
    changed: Outcome
    reactive: Outcome
    oracle: Outcome
    calls: tuple[Band, Band] | None
    notes: tuple[Message, ...]


def what_if(
    situation: Situation, changes: Changes = NOTHING_CHANGED, as_is: Outcome | None = None
) -> WhatIf | None:
    """None where nothing was measured in the last week. About a third of a second of CPU.

    `as_is` is that of an earlier answer about the same situation, so that it is replayed once.
    """
    if not any(each is not None for each in _week(situation).values):
        return None
    fresh = changed(situation, changes)
    as_is = as_is or _replayed(situation, forecast=True)
    return WhatIf(
        start_at=situation.now,
        as_is=as_is,
        changed=as_is if fresh == situation else _replayed(fresh, forecast=True),
        reactive=_replayed(fresh, forecast=False),
        oracle=_oracle(fresh),
        calls=_calls(situation, changes),
        notes=_notes(fresh),
    )


def _week(situation: Situation) -> Measured:
    steps = WEEK_SECONDS // situation.measured.step_seconds
    values = situation.measured.values[-steps:]
    start = situation.measured.end_at - len(values) * situation.measured.step_seconds
    return situation.measured._replace(start_at=start, values=values)


def _trace(situation: Situation) -> Trace:
    measured = situation.measured
    minutes = minutes_of(measured.values, measured.step_seconds)
    week = len(_week(situation).values) * measured.step_seconds // MINUTE_SECONDS
    # A minute that nobody knows stands before, so that the first has one to go by.
    begin = max(len(minutes) - week, 1)
    return Trace(minutes, begin, len(minutes), measured.start_at)


def _purse(situation: Situation, begin: int) -> Purse | None:
    if situation.cap_micro is None:
        return None
    renews = begin + max(situation.month_end - situation.now, 0) // MINUTE_SECONDS
    left = situation.cap_micro - situation.committed_micro
    return Purse(left, situation.cap_micro, renews)


def _money(situation: Situation) -> Money:
    return Money(situation.cap_micro, situation.committed_micro, situation.now, situation.month_end)


def _replayed(situation: Situation, *, forecast: bool) -> Outcome:
    rules = situation.rules
    if rules.is_rare:
        policy = rare(rules) if forecast else per_job(rules)
        week = (_week(situation), situation.is_count)
        return outcome_of_jobs(week, rules, policy, _money(situation))
    trace = _trace(situation)
    outlook = _outlook(situation, trace) if forecast else no_outlook
    found = run(trace, rules, ours(rules, outlook), _purse(situation, trace.begin))
    late = late_of(trace, rules, found.ready) if situation.is_count else None
    return outcome_of(found, _money(situation), late)


def _oracle(situation: Situation) -> Outcome:
    trace, rules = _trace(situation), situation.rules
    if rules.is_rare:
        return outcome_of_work((_week(situation), situation.is_count), rules, _money(situation))
    found = oracle(trace, rules)
    late = late_of(trace, rules, found.ready) if situation.is_count else None
    return outcome_of(found, _money(situation), late)


def _outlook(situation: Situation, trace: Trace) -> Outlook:
    rules = situation.rules
    if not situation.fits or not rules.prediction:
        return no_outlook
    known = [
        (max((fit.fitted_at - trace.start_at) // MINUTE_SECONDS, 0) if place else 0, fit)
        for place, fit in enumerate(situation.fits)
    ]
    return outlook_of(trace, known, rules.headroom, rules.capacity)


def _calls(situation: Situation, changes: Changes) -> tuple[Band, Band] | None:
    """Each call costs by the model that is asked; how many there are grows with the demand."""
    if not situation.calls_micro:
        return None
    days = (situation.month_end - situation.now) / 86_400
    growth = (1 + changes.growth_percent / 100) * changes.rate_factor * changes.call_price_factor
    fresh = [round(each * growth) for each in situation.calls_micro]
    return month_band(situation.calls_micro, days), month_band(fresh, days)


def _notes(situation: Situation) -> tuple[Message, ...]:
    notes = []
    if not situation.rules.is_rare:
        notes.append(HINDSIGHT if situation.fits else WITHOUT)
    seconds = len(_week(situation).values) * situation.measured.step_seconds
    if seconds < WEEK_SECONDS:
        notes.append(Message(SHORT.template, {"days": f"{seconds / 86_400:.1f}"}))
    return tuple(notes)
