"""How many machines the budget lets a pool have: scaling.md, 7.4. Micro-won, whole numbers."""

from collections.abc import Sequence
from typing import NamedTuple

from models.messages import Message, say
from models.scaling.rules import Rules
from sallim.money import won_text

LEASE_SECONDS = 3_600
"""A machine is bought only where an hour of it can be paid, or a whole step of its charges."""
TOTAL = "total"
TOTAL_PERCENT_MAX = 95
"""Of the month's total, all that is committed included."""
NO_MORE_PERCENT, LEAST_PERCENT, NONE_PERCENT = 90, 95, 100
"""Of what is spent of a budget: none is added; only the least stays; none does."""


class Purse(NamedTuple):
    """A budget that pays. `committed_micro` is all that is spent, open, fixed or leased."""

    name: str
    cap_micro: int
    spent_micro: int
    committed_micro: int

    @property
    def left_micro(self) -> int:
        """For machines; below zero where more is committed than may be."""
        cap = self.cap_micro
        if self.name == TOTAL:
            cap = cap * TOTAL_PERCENT_MAX // 100
        return cap - self.committed_micro

    @property
    def spent_percent(self) -> int:
        return self.spent_micro * 100 // self.cap_micro if self.cap_micro > 0 else NONE_PERCENT


class Allowed(NamedTuple):
    machines: int
    why: Message


def cost_micro(rules: Rules) -> int:
    """What one more machine costs at least; a part of a micro-won counts whole."""
    seconds = max(rules.increment_seconds, LEASE_SECONDS)
    return -(-(rules.hour_micro or 0) * seconds // 3_600)


def allowed(rules: Rules, purses: Sequence[Purse], there: int) -> Allowed:
    """The tightest of the budgets decides; what is `there` is committed already.

    >>> gpu = Rules("gpu", instances_max=3, hour_micro=400_000_000)
    >>> servers = Purse("servers", 9_900_000_000, 8_000_000_000, 9_000_000_000)
    >>> allowed(gpu, [servers], 1).machines
    3
    """
    if rules.hour_micro is None:
        return Allowed(there, say("what an hour of one costs is not known, so none is added"))
    cost = cost_micro(rules)
    if cost == 0:
        return Allowed(rules.instances_max, say("a machine costs nothing"))
    found = [_by(rules, purse, there, cost) for purse in purses]
    if not found:
        return Allowed(there, say("no budget is known that pays for it, so none is added"))
    return min(found, key=lambda each: each.machines)


def _by(rules: Rules, purse: Purse, there: int, cost: int) -> Allowed:
    percent = purse.spent_percent
    told: dict[str, str | int] = {"budget": purse.name, "percent": percent}
    if percent >= NONE_PERCENT:
        return Allowed(0, say("{budget} is spent", budget=purse.name))
    if purse.name == TOTAL and percent >= LEAST_PERCENT:
        least = min(there, rules.instances_min)
        return Allowed(least, say("{percent} % of {budget} is spent: only the least stays", **told))
    if purse.name == TOTAL and percent >= NO_MORE_PERCENT:
        return Allowed(there, say("{percent} % of {budget} is spent: none is added", **told))
    left = purse.left_micro
    return Allowed(
        max(there + left // cost, 0),
        say(
            "{budget} has {left} won left, and one more costs {cost}",
            budget=purse.name,
            left=won_text(max(left, 0)),
            cost=won_text(cost),
        ),
    )
