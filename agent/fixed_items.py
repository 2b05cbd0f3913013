"""Fixed items: kept free when their month begins, booked on their day, let go when they are gone.

The name of an item is what makes it one. Whatever else of it is changed before its day is kept
free anew, as another attempt of the same call.
"""

from agent.desk import Desk
from data.bills.notes import began
from models.costs.charges import Cost, asked_of, price_of, settlement_of
from models.costs.dues import Due, fixed_due, let_go
from models.costs.periods import Period, period_at
from models.messages import Message, say
from models.settings.fixed import Fixed
from models.tiers import DAY_SECONDS
from sallim.ledger.money_rows import ESTIMATED, OPEN, SETTLED, UNVERIFIED, Asked, CallRow, Refused
from sallim.money import MICRO, won_text

LATE_SECONDS = 3.0 * DAY_SECONDS
"""After the end of its month, what is reserved for it and was never booked counts in full."""
PREFIX = "fixed:"


def keep_fixed(desk: Desk) -> Message | None:
    """What a person must know of it, else None. Raises LedgerError, StoreError, ValueError."""
    known = {call.call_id: call for call in desk.accounts.calls_named(PREFIX)}
    if not known and not desk.settings.fixed:
        return None
    month = period_at(desk.now, "month", desk.zone)
    before = period_at(month.since - 1, "month", desk.zone)
    # Nobody may have been there on the day of last month.
    months = [before, month] if before.until > began(desk.home, desk.now) else [month]
    names = {each.name for each in desk.settings.fixed}
    for call in let_go(known.values(), names, month):
        _release(desk, call, "taken out of the settings")
    problems = [
        _keep(desk, each, period, known) for period in months for each in desk.settings.fixed
    ]
    return next((problem for problem in problems if problem is not None), None)


def _keep(desk: Desk, fixed: Fixed, month: Period, known: dict[str, CallRow]) -> Message | None:
    due = fixed_due(fixed, month, desk.zone)
    call = known.get(due.item.key)
    if call is not None and call.state == SETTLED:
        return None
    is_due = desk.now >= due.at
    cost = desk.cost(due.item.provider, price_of(fixed.month_price), due.at, is_due=is_due)
    asked = _asked(due, fixed, cost, month)
    if call is not None and call.state == OPEN and _is_changed(call, asked):
        _release(desk, call, "changed in the settings")
        asked = asked._replace(attempt=call.attempt + 1)
    elif call is not None:
        # One that was let go and stands in the settings again begins anew.
        is_over = call.state not in (OPEN, UNVERIFIED)
        asked = asked._replace(attempt=call.attempt + is_over)
    if is_due:
        settled = settlement_of(due.item, cost, ESTIMATED, int(due.at * MICRO))
        if not desk.accounts.settle(asked.call_id, asked.attempt, settled):
            desk.accounts.book(asked, settled)
        return None
    answer = desk.accounts.reserve(asked)
    if isinstance(answer, Refused) and answer.code == "budget":
        return _does_not_fit(fixed, answer)
    return None


def _asked(due: Due, fixed: Fixed, cost: Cost, month: Period) -> Asked:
    """The price stands in it as it is said, so that a change of it is seen whatever rates do."""
    asked = asked_of(due.item, cost, month.since * MICRO, int((month.until + LATE_SECONDS) * MICRO))
    return asked._replace(price_id=" ".join(fixed.month_price.upper().split()))


def _is_changed(call: CallRow, asked: Asked) -> bool:
    if call.price_id and call.price_id != asked.price_id:
        return True
    return (call.provider, call.endpoint) != (asked.provider, asked.endpoint)


def _release(desk: Desk, call: CallRow, why: str) -> None:
    desk.accounts.release(call.call_id, call.attempt, 0, why, desk.now_us)


def _does_not_fit(fixed: Fixed, answer: Refused) -> Message:
    return say(
        "{name} costs {won} won this month, and {bucket} has only {left} left; it is "
        "booked on its day all the same",
        name=fixed.name,
        won=won_text(answer.needed_micro),
        bucket=answer.bucket_id,
        left=won_text(answer.left_micro),
    )
