"""What is kept free ahead for running machines, in the ledger; renewed each round."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agent.desk import Desk
from data.bills.hours import unbooked
from models.budget.full import Full, filled
from models.costs.charges import asked_of, price_of
from models.costs.dues import charged_seconds
from models.costs.leases import AHEAD_SECONDS, PREFIX, Ran, change_of, lease_item, wanted_hours
from models.costs.periods import day_of, period_at
from models.machines import MachineState
from models.messages import Message, say
from models.settings.rented import Rented
from models.tiers import DAY_SECONDS
from sallim.ledger.money_rows import OPEN, UNVERIFIED, CallRow, Refused
from sallim.money import MICRO, won_text

LATE_SECONDS = 3 * DAY_SECONDS


class Kept(NamedTuple):
    """`problem` is what a person must know; `full` are the budgets that had no room."""

    problem: Message | None = None
    full: frozenset[Full] = frozenset()


def keep_leases(desk: Desk, machines: Sequence[MachineState]) -> Kept:
    """Raises LedgerError, StoreError, ValueError."""
    kept: dict[str, list[CallRow]] = {}
    for call in desk.accounts.calls_named(PREFIX, (OPEN, UNVERIFIED)):
        kept.setdefault(call.call_id.split(":")[1], []).append(call)
    rented = {each.name: each for each in desk.settings.rented if each.lease_hours}
    for name in kept.keys() - rented.keys():
        _release(desk, kept[name])
    if not rented:
        return Kept()
    ran = _ran(desk, rented)
    found = [
        _keep(desk, each, kept.get(name, []), wanted_hours(each, machines, ran[name], desk.now))
        for name, each in rented.items()
    ]
    problem = next((each.problem for each in found if each.problem is not None), None)
    return Kept(problem, frozenset[Full]().union(*(each.full for each in found)))


def _ran(desk: Desk, rented: Mapping[str, Rented]) -> dict[str, Ran]:
    """Of days that are not booked yet."""
    today = day_of(desk.now, desk.zone)
    days = {name: {today: 0.0} for name in rented}
    for name, day, seconds in unbooked(desk.home, today + 1):
        if name in rented:
            days[name][day] = seconds
    return {
        name: Ran(_charged(each, days[name].values()), _charged(each, _soon(days[name], today)))
        for name, each in rented.items()
    }


def _charged(rented: Rented, days: Iterable[float]) -> int:
    return sum(charged_seconds(seconds, rented.increment_seconds) for seconds in days)


def _soon(days: Mapping[int, float], today: int) -> list[float]:
    """If it stays on a while."""
    return [seconds + AHEAD_SECONDS * (day == today) for day, seconds in days.items()]


def _keep(desk: Desk, rented: Rented, kept: Sequence[CallRow], hours: int) -> Kept:
    month = period_at(desk.now, "month", desk.zone)
    price = " ".join(rented.hour_price.upper().split())
    change = change_of(kept, hours, price, month)
    _release(desk, change.let_go)
    if not change.hours:
        return Kept()
    item = lease_item(rented, day_of(desk.now, desk.zone))
    before = desk.accounts.calls_named(item.key)
    hour = price_of(rented.hour_price)
    whole = hour._replace(amount=hour.amount * change.hours)
    cost = desk.cost(item.provider, whole, desk.now, is_due=False)
    asked = asked_of(item, cost, desk.now_us, int((month.until + LATE_SECONDS) * MICRO))
    answer = desk.accounts.reserve(
        asked._replace(
            attempt=max((call.attempt for call in before), default=0) + 1,
            price_id=f"{change.hours} h at {price}",
        )
    )
    if isinstance(answer, Refused) and answer.code == "budget":
        problem = _does_not_fit(rented, change.hours, answer)
        balances = desk.accounts.balances(desk.now_us)
        return Kept(problem, filled(asked.buckets, answer.needed_micro, balances))
    return Kept()


def _does_not_fit(rented: Rented, hours: int, answer: Refused) -> Message:
    return say(
        "{name} is on, and {won} won for {hours} h of it do not fit into {bucket}, which has "
        "only {left} left: return it earlier, or raise the budget",
        name=rented.name,
        won=won_text(answer.needed_micro),
        hours=hours,
        bucket=answer.bucket_id,
        left=won_text(answer.left_micro),
    )


def _release(desk: Desk, calls: Sequence[CallRow]) -> None:
    for call in calls:
        desk.accounts.release(
            call.call_id, call.attempt, 0, "kept free anew or no more", desk.now_us
        )
