"""What is kept free ahead for running machines, in the ledger; renewed each round."""

from collections.abc import Mapping, Sequence

from agent.desk import Desk
from data.bills.hours import unbooked
from models.costs.charges import asked_of, price_of
from models.costs.dues import charged_seconds
from models.costs.leases import PREFIX, change_of, lease_item, wanted_hours
from models.costs.periods import day_of, period_at
from models.machines import MachineState
from models.messages import Message, say
from models.settings.rented import Rented
from models.tiers import DAY_SECONDS
from sallim.ledger.money_rows import OPEN, UNVERIFIED, CallRow, Refused
from sallim.money import MICRO, won_text

LATE_SECONDS = 3 * DAY_SECONDS


def keep_leases(desk: Desk, machines: Sequence[MachineState]) -> Message | None:
    """What a person must know of it, else None. Raises LedgerError, StoreError, ValueError."""
    kept: dict[str, list[CallRow]] = {}
    for call in desk.accounts.calls_named(PREFIX, (OPEN, UNVERIFIED)):
        kept.setdefault(call.call_id.split(":")[1], []).append(call)
    rented = {each.name: each for each in desk.settings.rented if each.lease_hours}
    for name in kept.keys() - rented.keys():
        _release(desk, kept[name])
    if not rented:
        return None
    ran = _ran_seconds(desk, rented)
    problems = [
        _keep(
            desk,
            each,
            kept.get(name, []),
            wanted_hours(each, machines, ran.get(name, 0), desk.now),
        )
        for name, each in rented.items()
    ]
    return next((problem for problem in problems if problem is not None), None)


def _ran_seconds(desk: Desk, rented: Mapping[str, Rented]) -> dict[str, int]:
    """Of days that are not booked yet, as they will be charged."""
    ran: dict[str, int] = {}
    for day in unbooked(desk.home, day_of(desk.now, desk.zone) + 1):
        if day.name in rented:
            step = rented[day.name].increment_seconds
            ran[day.name] = ran.get(day.name, 0) + charged_seconds(day.seconds, step)
    return ran


def _keep(desk: Desk, rented: Rented, kept: Sequence[CallRow], hours: int) -> Message | None:
    month = period_at(desk.now, "month", desk.zone)
    price = " ".join(rented.hour_price.upper().split())
    change = change_of(kept, hours, price, month)
    _release(desk, change.let_go)
    if not change.hours:
        return None
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
        return say(
            "{name} is on, and {won} won for {hours} h of it do not fit into {bucket}, which has "
            "only {left} left: return it earlier, or raise the budget",
            name=rented.name,
            won=won_text(answer.needed_micro),
            hours=change.hours,
            bucket=answer.bucket_id,
            left=won_text(answer.left_micro),
        )
    return None


def _release(desk: Desk, calls: Sequence[CallRow]) -> None:
    for call in calls:
        desk.accounts.release(
            call.call_id, call.attempt, 0, "kept free anew or no more", desk.now_us
        )
