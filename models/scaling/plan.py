"""The plan of a pool: how many machines, and one sentence that says why (forecasting.md, 9.5)."""

from collections.abc import Mapping
from typing import Any

from models.demand.gate import Gate
from models.scaling.allowed import Allowed
from models.scaling.decide import Decision, Now, decide, forecast_need
from models.scaling.rules import Rules
from models.scaling.shapes import Plan
from models.scaling.words import reason_of


def plan(rules: Rules, now: Now, gate: Gate, allowed: Allowed) -> tuple[Plan, Decision]:
    """The agent's decision with its words; `now.allowed` is set from `allowed`.

    While a forecast may not raise the number, the inputs tell what it would have done.
    """
    seen = now._replace(
        allowed=allowed.machines,
        highs=now.highs if gate.is_on and rules.prediction else None,
    )
    found = decide(rules, seen)
    made = Plan(
        pool=rules.name,
        at=int(now.at),
        wanted=found.wanted,
        reactive=found.reactive,
        predicted=found.predicted,
        allowed=max(min(allowed.machines, rules.instances_max), 0),
        reason=reason_of(rules, seen, found, allowed),
        inputs=_inputs(rules, now, found, (gate, allowed)),
    )
    return made, found


def _inputs(
    rules: Rules, now: Now, found: Decision, told: tuple[Gate, Allowed]
) -> Mapping[str, Any]:
    gate, allowed = told
    return {
        "load": now.load,
        "ready": now.ready,
        "pending": now.pending,
        "capacity": rules.capacity,
        "utilization": rules.utilization,
        "headroom": rules.headroom,
        "start_seconds": rules.start_seconds,
        "hour_micro": rules.hour_micro,
        "highs": None if now.highs is None else [round(high, 6) for high in now.highs],
        "highs_at": now.highs_at,
        "would_predict": forecast_need(rules._replace(prediction=True), now),
        "is_on": gate.is_on and rules.prediction,
        "gate": gate.reason.as_json(),
        "desired": found.desired,
        "term": found.term,
        "allowed": allowed.machines,
        "allowed_why": allowed.why.as_json(),
    }
