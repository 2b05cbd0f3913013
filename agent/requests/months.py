"""What people say of months: what the card was charged, and the plan of the next one."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal

from agent.requests.handling import Job
from data.control import Control
from data.months import charge, closes, plans, put_plan, revoke_plans
from models.budget.close import MonthClose, month_name
from models.budget.close_json import close_of
from models.budget.close_words import explained
from models.budget.kept_months import KeptClose, KeptPlan
from models.budget.planned import why_not_plan
from models.budget.tree import TOTAL
from models.costs.periods import DAY_SECONDS, period_at
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import ACCEPTED, DONE, Outcome, Prospect, Request
from models.settings import Settings
from sallim.money import MICRO, won_text

Bring = Callable[[], Message | None]
"""Have the ledger know the plans before this returns; else what keeps it from that."""


class Charging:
    """For `charge`: typed again, it stands instead of what was typed before."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def check(self, request: Request, now: float) -> Prospect:
        kept = self._kept(request.target, now)
        lines = explained(_document(kept), Decimal(request.amount_micro).scaleb(-6))
        return Prospect(tuple(lines), {"charged_micro": kept.charged_micro})

    def act(self, job: Job) -> Outcome:
        request = job.request
        self._kept(request.target, job.now)
        charge(self._control, request.target, request.amount_micro, job.actor.name, job.now)
        return self._done(request)

    def look(self, job: Job) -> Outcome | None:
        """Done anew it says the same."""
        kept = self._known().get(job.request.target)
        if kept is None or kept.charged_micro != job.request.amount_micro:
            return None
        return self._done(job.request)

    def _done(self, request: Request) -> Outcome:
        message = say(
            "the card was charged {amount} won for {month}",
            amount=won_text(request.amount_micro),
            month=request.target,
        )
        return Outcome(DONE, message, {"charged_micro": request.amount_micro})

    def _kept(self, month: str, now: float) -> KeptClose:
        known = {name: each for name, each in self._known().items() if each.is_closed(now)}
        if month not in known:
            raise RequestRefused(
                say(
                    "{month} is not closed; these months are: {known}",
                    month=month,
                    known=", ".join(known) or "none yet",
                )
            )
        return known[month]

    def _known(self) -> Mapping[str, KeptClose]:
        return {each.month: each for each in closes(self._control)}


class Planning:
    """For `plan`: it holds from the next month on, and never touches the one that runs."""

    def __init__(self, control: Control, settings: Callable[[], Settings], bring: Bring) -> None:
        self._control = control
        self._settings = settings
        self._bring = bring

    def check(self, request: Request, now: float) -> Prospect:
        """By the settings as they stand in the file: a plan lowers them, never another plan."""
        settings = self._settings()
        month = period_at(now, "month", settings.house.zone)
        coming = month_name(period_at(month.until + DAY_SECONDS, "month", settings.house.zone))
        if request.target != coming:
            raise RequestRefused(
                say("a plan is for the next month, which is {month}", month=coming)
            )
        amounts = _amounts(request)
        if amounts.get(TOTAL, 0) * MICRO != request.amount_micro:
            raise RequestRefused(say("total_krw and the total among the amounts must be the same"))
        refusal = why_not_plan(amounts, settings.budget)
        if refusal is not None:
            raise RequestRefused(refusal)
        caps = settings.budget.caps_krw
        lines = [_line(name, amounts.get(name, cap), cap) for name, cap in caps.items()]
        lines.append(say("this month stays as it is; revoked, the settings hold again"))
        return Prospect(tuple(lines), {"plans": [each.month for each in _live(self._control)]})

    def act(self, job: Job) -> Outcome:
        request = job.request
        self.check(request, job.now)
        plan = KeptPlan(
            *(job.request_id, request.target, str(request.args["amounts"]), request.reason),
            *(job.actor.name, job.now),
        )
        put_plan(self._control, plan)
        return self._brought(request)

    def look(self, job: Job) -> Outcome | None:
        if all(each.plan_id != job.request_id for each in plans(self._control)):
            return None
        return self._brought(job.request)

    def _brought(self, request: Request) -> Outcome:
        problem = self._bring()
        if problem is not None:
            return Outcome(ACCEPTED, problem)
        message = say("from {month} on its plan holds", month=request.target)
        return Outcome(DONE, message, {"amounts": _amounts(request)})


class Unplanning:
    """For `unplan`: the settings hold again, at once where the month has begun."""

    def __init__(self, control: Control, bring: Bring) -> None:
        self._control = control
        self._bring = bring

    def check(self, request: Request, now: float) -> Prospect:  # noqa: ARG002  as all handlers
        held = [each for each in _live(self._control) if each.month == request.target]
        if not held:
            known = ", ".join(each.month for each in _live(self._control)) or "none"
            raise RequestRefused(
                say("{month} has no plan; there is {known}", month=request.target, known=known)
            )
        return Prospect((_revoked(request.target),), {"amounts": held[-1].amounts_krw})

    def act(self, job: Job) -> Outcome:
        revoke_plans(self._control, job.request.target, job.now)
        return self._brought(job)

    def look(self, job: Job) -> Outcome | None:
        held = {each.month for each in _live(self._control)}
        return None if job.request.target in held else self._brought(job)

    def _brought(self, job: Job) -> Outcome:
        problem = self._bring()
        if problem is not None:
            return Outcome(ACCEPTED, problem)
        return Outcome(DONE, _revoked(job.request.target))


def months_state(control: Control, now: float) -> dict[str, object]:
    """Shape: {"closes": [{"month", "revision", "charged_micro", ..., "close": {...}}], "plans"}."""
    shapes = []
    for kept in closes(control):
        if kept.is_closed(now):
            shape = kept._asdict()
            shape["close"] = json.loads(shape.pop("document"))
            shapes.append(shape)
    return {"closes": shapes, **plans_state(control)}


def plans_state(control: Control) -> dict[str, object]:
    """Shape: {"plans": [KeptPlan ...]} of those that hold or will."""
    return {"plans": [each.as_json() for each in _live(control)]}


def _live(control: Control) -> list[KeptPlan]:
    return [each for each in plans(control) if each.revoked_at is None]


def _amounts(request: Request) -> dict[str, int]:
    found: dict[str, int] = json.loads(str(request.args["amounts"]))
    return found


def _document(kept: KeptClose) -> MonthClose:
    return close_of(json.loads(kept.document))


def _line(name: str, amount: int, cap: int) -> Message:
    return say(
        "{bucket}: {amount} won, where the settings say {cap}",
        bucket=name,
        amount=f"{amount:,}",
        cap=f"{cap:,}",
    )


def _revoked(month: str) -> Message:
    return say("the plan of {month} ends, and the settings hold", month=month)
