"""A plan in force: the budget of the settings, lowered to it, and what cannot be one."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from models.budget.close import month_name
from models.budget.kept_months import KeptPlan, plan_of
from models.budget.plan import KINDS
from models.budget.tree import API, SERVERS, TOTAL
from models.costs.periods import period_at
from models.messages import Message, say

if TYPE_CHECKING:
    from models.settings import Settings
    from models.settings.budget import Budget


def with_plan(settings: "Settings", plans: Iterable[KeptPlan], now: float) -> "Settings":
    """As they hold in the month of that moment."""
    month = month_name(period_at(now, "month", settings.house.zone))
    plan = plan_of(month, plans)
    if plan is None:
        return settings
    budget = planned(settings.budget, plan.amounts_krw)
    return settings.model_copy(update={"budget": budget})


def planned(budget: "Budget", amounts_krw: Mapping[str, int]) -> "Budget":
    """The budget of the settings, lowered to a plan; nothing is ever higher than they say."""
    caps = budget.caps_krw
    least = {name: min(cap, amounts_krw.get(name, cap)) for name, cap in caps.items()}
    if least == caps:
        return budget
    named = {
        f"{kind}s_krw": tuple(
            f"{name.removeprefix(f'{kind}:')}={amount}"
            for name, amount in least.items()
            if name.startswith(f"{kind}:")
        )
        for kind in KINDS
    }
    update: dict[str, object] = {"total_krw": least[TOTAL], "api_krw": least[API], **named}
    if SERVERS in least:
        update["servers_krw"] = least[SERVERS]
    return budget.model_copy(update=update)


def why_not_plan(amounts_krw: Mapping[str, int], budget: "Budget") -> Message | None:
    """What keeps these amounts from being a plan, with what would work; else None."""
    caps = budget.caps_krw
    for name, amount in amounts_krw.items():
        if name not in caps:
            known = ", ".join(caps)
            return say("{bucket} has no budget; these have: {known}", bucket=name, known=known)
        if amount > caps[name]:
            return say(
                "{bucket} may have {cap} won at most, as [budget] in the settings says; the plan "
                "says {amount}",
                bucket=name,
                cap=f"{caps[name]:,}",
                amount=f"{amount:,}",
            )
    total = amounts_krw.get(TOTAL)
    if total is None:
        return say("a plan must name the total, for example {example}", example='{"total": 24900}')
    together = sum(amounts_krw.get(name, 0) for name in (API, SERVERS))
    if together > total:
        return say(
            "api and servers together are {together} won, more than the total of {total}",
            together=f"{together:,}",
            total=f"{total:,}",
        )
    return None
