"""Hours of running machines that are kept free ahead: what runs will be charged, whatever else is.

What is kept free is counted in whole hours, so that it changes once an hour at most, and not with
each exchange rate. It is for hours that ran and are not booked yet, and for those that the
machine is leased for from its start on.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from models.costs.charges import Item
from models.costs.dues import TOTAL
from models.costs.kinds import SERVERS_BUCKET
from models.costs.periods import Period, date_of
from models.machines import OFF, MachineState
from models.settings.rented import Rented
from sallim.ledger.money_rows import CallRow
from sallim.money import MICRO

HOUR_SECONDS = 3_600
PREFIX = "lease:"
AHEAD_SECONDS = 300.0
"""So long before it begins an hour is kept free: by then a machine for which there is no money is
stopped, which is looked for each minute and proven within two.
"""
HOURS = re.compile(r"(\d+) h at (.+)")


class Change(NamedTuple):
    """What must be let go, and for how many hours more must be kept free."""

    let_go: Sequence[CallRow]
    hours: int


class Ran(NamedTuple):
    """Seconds that are not booked yet, as they will be charged: now, and if it stays on a while."""

    seconds: float = 0.0
    soon: float = 0.0


def wanted_hours(rented: Rented, machines: Sequence[MachineState], ran: Ran, now: float) -> int:
    """To be kept free now. A machine of which nobody knows since when it is on has just begun.

    >>> gpu = Rented(name="gpu", lease_hours=8)
    >>> on = [MachineState("gpu", "probe", "on", 0.0)]
    >>> ran = [Ran(hours * 3600, hours * 3600 + 300) for hours in (0, 4, 7.9, 8, 9)]
    >>> [wanted_hours(gpu, on, each, each.seconds) for each in ran]
    [8, 8, 8, 9, 10]
    """
    if not rented.lease_hours:
        return 0
    name = rented.machine or rented.name
    state = next((each for each in machines if each.name == name), None)
    wanted = ran.seconds
    if state is not None and state.state != OFF:
        since = now if state.since_at is None else state.since_at
        left = max(since + rented.lease_hours * HOUR_SECONDS - now, 0.0)
        wanted = max(ran.seconds + left, ran.soon)
    return -(-round(wanted) // HOUR_SECONDS)


def change_of(kept: Sequence[CallRow], hours: int, price: str, month: Period) -> Change:
    """`kept` is what is kept free for one machine; of another month or price it is let go."""
    known = [HOURS.fullmatch(call.price_id) for call in kept]
    is_of_now = all(
        found is not None and found[2] == price and call.opened_us >= month.since * MICRO
        for found, call in zip(known, kept, strict=True)
    )
    has = sum(int(found[1]) for found in known if found is not None)
    if is_of_now and has <= hours:
        return Change((), hours - has)
    return Change(kept, hours)


def lease_item(rented: Rented, day: int) -> Item:
    """Named by the day on which it is asked for."""
    return Item(
        key=f"{PREFIX}{rented.name}:{date_of(day)}",
        provider=rented.provider,
        endpoint=f"server:{rented.name}",
        buckets=(SERVERS_BUCKET, TOTAL, f"provider:{rented.provider}"),
    )
