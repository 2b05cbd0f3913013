"""Which cheaper model takes the place of another, by how much of a budget is spent."""

from collections.abc import Iterable, Sequence

from models.settings.graceful import Graceful
from sallim.ledger.statement_rows import Balance


def steps_in_force(rules: Iterable[Graceful], balances: Iterable[Balance]) -> list[Graceful]:
    """Those whose part of the cap is spent, the one that goes furthest first."""
    by_bucket = {each.bucket_id: each for each in balances}
    found = [
        rule
        for rule in rules
        if rule.from_model and rule.to_model and _is_reached(rule, by_bucket.get(rule.bucket))
    ]
    return sorted(found, key=lambda rule: rule.at_percent, reverse=True)


def step_for(model: str, steps: Sequence[Graceful]) -> Graceful | None:
    """What is done with a call of a model; its cheaper one is not replaced once more.

    >>> rule = Graceful(from_model="gpt-5", to_model="gpt-5-mini")
    >>> step_for("gpt-5", [rule]).to_model, step_for("gpt-5-mini", [rule])
    ('gpt-5-mini', None)
    """
    return next((rule for rule in steps if rule.from_model == model), None)


def _is_reached(rule: Graceful, balance: Balance | None) -> bool:
    if balance is None:
        return False
    spent = balance.settled_micro + balance.unverified_micro
    return spent > 0 and spent * 100 >= balance.cap_micro * rule.at_percent
