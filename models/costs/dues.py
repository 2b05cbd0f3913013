"""What falls due without anybody calling: fixed items of a month, hours of rented machines.

Days are those of the house's zone, as numbers; moments are UTC epoch seconds.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.costs.charges import Item
from models.costs.kinds import SERVERS_BUCKET
from models.costs.periods import EPOCH, Period, day_of, start_of
from models.machines import OFF, MachineState
from models.settings.fixed import Fixed
from models.settings.rented import Rented
from sallim.ledger.money_rows import OPEN, CallRow
from sallim.money import MICRO

TOTAL = "total"
SURE_SECONDS = 600.0
"""For so long a machine of which nobody knows since when it is on is believed to have been on."""


class Due(NamedTuple):
    """A fixed item in one month; `at` is when it is charged."""

    item: Item
    at: float


def fixed_due(fixed: Fixed, month: Period, zone: ZoneInfo) -> Due:
    """A day that the month does not have is its last.

    >>> from models.costs.periods import period_at
    >>> month = period_at(0, "month", ZoneInfo("UTC"))
    >>> due = fixed_due(Fixed(name="vps", day=31), month, ZoneInfo("UTC"))
    >>> due.item.key, due.at / 86400
    ('fixed:vps:1970-01', 30.0)
    """
    first = EPOCH + timedelta(days=month.first_day)
    last_day = day_of(month.until - 1, zone)
    day = min(month.first_day + fixed.day - 1, last_day)
    item = Item(
        key=f"fixed:{fixed.name}:{first:%Y-%m}",
        provider=fixed.provider,
        endpoint=f"{fixed.kind}:{fixed.name}",
        buckets=(SERVERS_BUCKET, TOTAL, f"provider:{fixed.provider}"),
    )
    return Due(item, start_of(day, zone))


def let_go(known: Iterable[CallRow], names: Container[str], month: Period) -> list[CallRow]:
    """What is kept free for fixed items that are no longer named, from this month on.

    Of a month that is over nobody knows whether it was charged: that counts in full later on.
    """
    return [
        call
        for call in known
        if call.state == OPEN
        and call.opened_us >= month.since * MICRO
        and call.call_id.split(":")[1] not in names
    ]


def rented_item(rented: Rented, day: int, seconds: int) -> Item:
    """Of one day."""
    return Item(
        key=f"server:{rented.name}:{EPOCH + timedelta(days=day)}",
        provider=rented.provider,
        endpoint=f"server:{rented.name}",
        buckets=(SERVERS_BUCKET, TOTAL, f"provider:{rented.provider}"),
        note=f"{seconds} s",
    )


def charged_seconds(seconds: float, increment_seconds: int) -> int:
    """In whole steps, rounded up.

    >>> charged_seconds(61.2, 60), charged_seconds(0, 3600)
    (120, 0)
    """
    return -(-int(-(-seconds // 1)) // increment_seconds) * increment_seconds


def on_seconds(
    since: float, until: float, states: Sequence[MachineState], machine: str
) -> tuple[float, float] | None:
    """The part of [since, until) in which the machine was on, None where it was off or unknown.

    A silent one is on: it is paid for until somebody says that it was returned.
    """
    state = next((each for each in states if each.name == machine), None)
    if state is None:
        return None
    if state.state == OFF:
        end = min(until, state.since_at) if state.since_at is not None else since
        return (since, end) if end > since else None
    start = since
    if state.since_at is not None and state.state != "silent":
        start = max(since, state.since_at)
    elif state.since_at is None:
        start = max(since, until - SURE_SECONDS)
    return (start, until) if until > start else None


def by_day(span: tuple[float, float], zone: ZoneInfo) -> Mapping[int, float]:
    """Seconds of a span in each local day.

    >>> by_day((86_390, 86_420), ZoneInfo("UTC"))
    {0: 10, 1: 20}
    """
    since, until = span
    found: dict[int, float] = {}
    while since < until:
        day = day_of(since, zone)
        end = min(until, start_of(day + 1, zone))
        found[day] = found.get(day, 0) + end - since
        since = end
    return found
