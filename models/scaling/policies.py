"""The policies that are compared: ours, which is the agent's, and what others do.

Each is made for one replay and called once a minute: forecasting.md, 8.3.
"""

import itertools
from collections.abc import Callable, Sequence
from math import ceil

from models.scaling.decide import Now, Past, decide, load_need, remembered, settled, whole
from models.scaling.fleet import MINUTE_SECONDS
from models.scaling.rules import Rules
from models.scaling.shapes import BUCKET_SECONDS
from models.scaling.simulate import Policy, Run, Trace, View

BUCKET_MINUTES = BUCKET_SECONDS // MINUTE_SECONDS
HOLD_MINUTES = 5
DAY_MINUTES = 1_440
SCHEDULING_MINUTES = 5
"""How early a schedule by the hour starts what it needs."""

Outlook = Callable[[int], Sequence[float] | None]
"""The forecast known at a minute: steps of five minutes from the one that this minute is in."""


def ours(rules: Rules, outlook: Outlook) -> Policy:
    """The agent's decision, with its memory of what was wanted."""
    past: Past = ()

    def policy(view: View) -> int:
        nonlocal past
        found = decide(
            rules,
            Now(
                at=float(view.minute * MINUTE_SECONDS),
                load=view.load,
                ready=view.ready,
                pending=view.pending,
                allowed=view.allowed,
                highs=outlook(view.minute),
                highs_at=float(view.minute // BUCKET_MINUTES * BUCKET_SECONDS),
                past=past,
                paid_seconds=view.paid_seconds,
            ),
        )
        past = found.past
        return found.wanted

    return policy


def reactive(rules: Rules, utilization: float) -> Policy:
    """Only what is measured, as Kubernetes' HPA does it."""
    rules = rules._replace(utilization=utilization)
    return held(rules, lambda view: load_need(rules, view.load, view.ready, view.pending))


def static(number: int) -> Policy:
    return lambda _: number


def seasonal(rules: Rules, utilization: float) -> Policy:
    """The hour of yesterday and what is measured, the larger of both: AWS' predictive scaling."""
    by_load = rules._replace(utilization=utilization)
    means: dict[int, float] = {}

    def mean_of(demand: Sequence[float], minute: int) -> float:
        hour = (minute - DAY_MINUTES) // 60
        if hour not in means:
            known = demand[max(hour * 60, 0) : max((hour + 1) * 60, 0)]
            means[hour] = sum(known) / len(known) if known else 0.0
        return means[hour]

    def desired(view: View) -> int:
        soon = mean_of(view.demand, view.minute + SCHEDULING_MINUTES)
        expected = max(mean_of(view.demand, view.minute), soon)
        need = load_need(by_load, view.load, view.ready, view.pending)
        return max(whole(expected / (rules.capacity * utilization)), need)

    return held(rules, desired)


def held(rules: Rules, desired: Policy) -> Policy:
    """Fewer machines only once that has been enough for a while."""
    past: Past = ()

    def policy(view: View) -> int:
        nonlocal past
        # Within the limits before it is remembered, as in the agent.
        number = min(max(desired(view), rules.instances_min), rules.instances_max, view.allowed)
        past = remembered(past, float(view.minute * MINUTE_SECONDS), number, rules.down_seconds)
        return settled(number, view.ready + view.pending, past)

    return policy


def oracle(trace: Trace, rules: Rules) -> Run:
    """Exactly what is needed, each minute, with no time to start: the least there can be."""
    return _known(trace, rules, _needs(trace, rules), 0)


def oracle_held(trace: Trace, rules: Rules) -> Run:
    """The same with each need held for five minutes, and the time to start paid: a real floor."""
    needs = _needs(trace, rules)
    wanted = [max(needs[max(at - HOLD_MINUTES + 1, 0) : at + 1]) for at in range(len(needs))]
    return _known(trace, rules, wanted, ceil(rules.start_seconds / MINUTE_SECONDS))


def _needs(trace: Trace, rules: Rules) -> list[int]:
    least, most = rules.instances_min, rules.instances_max
    return [
        min(max(whole(each / rules.capacity), least), most)
        for each in trace.demand[trace.begin : trace.end]
    ]


def _known(trace: Trace, rules: Rules, counts: Sequence[int], start_minutes: int) -> Run:
    starts = sum(max(b - a, 0) for a, b in itertools.pairwise(counts))
    minutes = sum(counts) + starts * start_minutes
    demand = trace.demand[trace.begin : trace.end]
    overs = [
        max(each - count * rules.capacity, 0.0) for each, count in zip(demand, counts, strict=True)
    ]
    return Run(
        begin=trace.begin,
        instance_hours=minutes / 60,
        charged_seconds=minutes * MINUTE_SECONDS,
        won_micro=-(-minutes * MINUTE_SECONDS * (rules.hour_micro or 0) // 3_600),
        demand=sum(demand),
        over=sum(overs),
        over_minutes=sum(each > 0 for each in overs),
        events=sum(a != b for a, b in itertools.pairwise(counts)),
        counts=tuple(counts),
        ready=tuple(counts),
        spent_at=None,
        left_micro=None,
    )
