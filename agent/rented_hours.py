"""Hours of rented machines: noted while they are on, booked when their day is over."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from agent.desk import Desk
from data.bills.hours import Day, add_hours, looked_at, note_booked, unbooked
from models.costs.charges import price_of
from models.costs.dues import by_day, charged_seconds, on_seconds, rented_item
from models.costs.leases import PREFIX
from models.costs.periods import day_of, start_of
from models.machines import OFF, MachineState
from models.settings.rented import Rented
from sallim.ledger.money_rows import OPEN, UNVERIFIED

HOUR_SECONDS = 3600


def keep_hours(desk: Desk, machines: Sequence[MachineState]) -> None:
    """Raises LedgerError, StoreError, ValueError."""
    rented = {each.name: each for each in desk.settings.rented}
    since = looked_at(desk.home)
    days = [
        Day(name, day, seconds)
        for name, each in rented.items()
        if since is not None
        and (span := on_seconds(since, desk.now, machines, each.machine or name))
        for day, seconds in by_day(span, desk.zone).items()
    ]
    if since is None or desk.now > since:
        add_hours(desk.home, days, desk.now)
    for day in unbooked(desk.home, day_of(desk.now, desk.zone)):
        # One that was taken out of the settings in between has no price any more.
        if day.name in rented:
            _book(desk, rented[day.name], day)


def hourly(desk: Desk, machines: Sequence[MachineState] = ()) -> list[dict[str, str]]:
    """What an hour of each costs as it would be booked today, and since when it runs where no time
    of it is kept free; see `models/costs/left.py`. Raises LedgerError, ValueError.
    """
    return [
        {
            "name": each.name,
            "provider": each.provider,
            "won": f"{Decimal(_hour_micro(desk, each)).scaleb(-6):f}",
            **_runs_since(desk, each, machines),
        }
        for each in desk.settings.rented
    ]


def _runs_since(desk: Desk, rented: Rented, machines: Sequence[MachineState]) -> Mapping[str, str]:
    name = rented.machine or rented.name
    state = next((each for each in machines if each.name == name), None)
    if rented.lease_hours or state is None or state.state == OFF:
        return {}
    # Days before today are booked.
    begins = start_of(day_of(desk.now, desk.zone), desk.zone)
    return {"runs_since": str(int(max(state.since_at or begins, begins)))}


def _hour_micro(desk: Desk, rented: Rented) -> int:
    price = price_of(rented.hour_price)
    return desk.cost(rented.provider, price, desk.now, is_due=True).gross_micro


def _book(desk: Desk, rented: Rented, day: Day) -> None:
    seconds = charged_seconds(day.seconds, rented.increment_seconds)
    hour = price_of(rented.hour_price)
    price = hour._replace(amount=hour.amount * seconds / HOUR_SECONDS)
    # What still has to be kept free of it is so anew, in the same round.
    leases = desk.accounts.calls_named(f"{PREFIX}{rented.name}:", (OPEN, UNVERIFIED))
    kept = [(call.call_id, call.attempt) for call in leases]
    desk.book(rented_item(rented, day.day, seconds), price, start_of(day.day, desk.zone), kept)
    note_booked(desk.home, day)
