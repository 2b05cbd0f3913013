"""What would have come of the last seven days with other figures: the sliders of the page `demand`.

The demand of the last week is taken for that of the coming one, and replayed through the agent's
own decisions with the money that is left: beside it the same with nothing changed, without any
forecast (of rare work: on for each job), and what could not be done with less (forecasting.md,
9.6).
"""

from typing import NamedTuple

from models.demand.shapes import Measured
from models.messages import Message, say
from models.scaling.allowed import TOTAL_PERCENT_MAX
from models.scaling.changes import NOTHING_CHANGED, Changes, Situation, changed
from models.scaling.jobs import per_job, rare
from models.scaling.month import Band, Money, Reached, cap_at, month_band, reached
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
    """`calls` are the won of calls from now to the month's end, as they are and as changed;
    `calls_cap` is when their own budget is used up, as it is and as changed.

    `start_at` is the moment for which the first of the counts of each outcome stands.
    """

    start_at: int
    as_is: Outcome
    changed: Outcome
    reactive: Outcome
    oracle: Outcome
    calls: tuple[Band, Band] | None
    notes: tuple[Message, ...]
    calls_cap: tuple[Reached, Reached] | None = None


def what_if(
    situation: Situation, changes: Changes = NOTHING_CHANGED, usual: WhatIf | None = None
) -> WhatIf | None:
    """None where nothing was measured in the last week. A fraction of a second of CPU.

    `usual` is an earlier answer about the same situation with nothing changed: what the changes
    leave as it is, is not replayed again.
    """
    if not any(each is not None for each in _week(situation).values):
        return None
    usual = usual or _as_it_is(situation)
    fresh = changed(situation, changes)
    if fresh == situation:
        return usual
    same, alone = _machines(fresh) == _machines(situation), _alone(fresh) == _alone(situation)
    return usual._replace(
        changed=usual.as_is if same else _replayed(fresh, forecast=True),
        reactive=usual.reactive if alone else _replayed(fresh, forecast=False),
        oracle=usual.oracle if alone else _oracle(fresh),
        calls=_calls(situation, fresh),
        calls_cap=_calls_cap(situation, fresh),
    )


def _as_it_is(situation: Situation) -> WhatIf:
    as_is = _replayed(situation, forecast=True)
    return WhatIf(
        start_at=situation.now,
        as_is=as_is,
        changed=as_is,
        reactive=_replayed(situation, forecast=False),
        oracle=_oracle(situation),
        calls=_calls(situation, situation),
        notes=_notes(situation),
        calls_cap=_calls_cap(situation, situation),
    )


def _machines(situation: Situation) -> Situation:
    """Only what machines go by: calls where they are paid by the same budget."""
    return situation if situation.is_total else situation._replace(calls_micro=())


def _alone(situation: Situation) -> Situation:
    """The same without what only a forecast goes by."""
    return _machines(situation)._replace(rules=situation.rules._replace(headroom=0.0))


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
    money = _money(situation)
    if money.left_micro is None or money.cap_micro is None:
        return None
    renews = begin + max(situation.month_end - situation.now, 0) // MINUTE_SECONDS
    whole = money.cap_micro * money.percent // 100
    return Purse(money.left_micro, whole, renews, money.others_micro)


def _money(situation: Situation) -> Money:
    """Of the month's total calls are paid as well, and machines may not use all of it."""
    money = Money(
        situation.cap_micro, situation.committed_micro, situation.now, situation.month_end
    )
    if not situation.is_total:
        return money
    return money._replace(others_micro=situation.calls_micro, percent=TOTAL_PERCENT_MAX)


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


def _calls(situation: Situation, fresh: Situation) -> tuple[Band, Band] | None:
    if not any(situation.calls_micro):
        return None
    days = (situation.month_end - situation.now) / 86_400
    return month_band(situation.calls_micro, days), month_band(fresh.calls_micro, days)


def _calls_cap(situation: Situation, fresh: Situation) -> tuple[Reached, Reached] | None:
    if situation.calls_cap_micro is None or not any(situation.calls_micro):
        return None
    committed = situation.calls_committed_micro
    money = Money(situation.calls_cap_micro, committed, situation.now, situation.month_end)
    now, then = (
        reached(days, money, cap_at(days, money))
        for days in (situation.calls_micro, fresh.calls_micro)
    )
    return now, then


def _notes(situation: Situation) -> tuple[Message, ...]:
    notes = []
    if not situation.rules.is_rare:
        notes.append(HINDSIGHT if situation.fits else WITHOUT)
    seconds = len(_week(situation).values) * situation.measured.step_seconds
    if seconds < WEEK_SECONDS:
        notes.append(Message(SHORT.template, {"days": f"{seconds / 86_400:.1f}"}))
    return tuple(notes)
