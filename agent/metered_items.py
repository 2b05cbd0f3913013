"""Traffic and space that are paid by the gigabyte: measured day by day, booked when it is over.

A day with a gap waits, since a probe may still bring what its spool holds. Then what is there
counts, and for the time that nobody measured nothing does.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from agent.asking import Asking
from agent.desk import Desk
from data.bills.metered import MeteredDay, first_day, metered_days, note_day_booked, put_day
from data.bills.notes import began
from data.ops.metering import Found, buckets_in, is_rolled, series_with
from models.costs.charges import price_of
from models.costs.metered import (
    allowed_gap_seconds,
    charged_gigabytes,
    gigabytes,
    measured,
    metered_item,
)
from models.costs.periods import Period, date_of, day_of, period_at, start_of
from models.messages import Message, say
from models.settings.metered import UNITS, Metered
from models.tiers import DAY_SECONDS, MINUTE, TEN_MINUTES, Tier

WAIT_SECONDS = float(DAY_SECONDS)
DAYS_BACK_MAX = 40
DAYS_KNOWN = 75
"""With the whole month of the oldest of those: what of it was free is known."""
MINUTES_DAYS = 29
"""So long values of a minute are there for certain."""


class Eyes(NamedTuple):
    """What is seen of the machines; `machine` is the agent's own."""

    store: Asking
    machine: str


def keep_metered(desk: Desk, eyes: Eyes) -> list[Message]:
    """Measure the days that are over, book them; what a person must know.

    Raises LedgerError, StoreError, ValueError.
    """
    problems = []
    for metered in desk.settings.metered:
        problem = _measure(desk, eyes, metered)
        known = days_of(desk, metered)
        _book(desk, metered, known)
        problems.append(problem or _gap(metered, known))
    return [problem for problem in problems if problem is not None]


def days_of(desk: Desk, metered: Metered) -> list[MeteredDay]:
    """Of this month and the one before. Raises StoreError."""
    first = day_of(desk.now, desk.zone) - DAYS_KNOWN
    return [each for each in metered_days(desk.home, first) if each.name == metered.name]


def _measure(desk: Desk, eyes: Eyes, metered: Metered) -> Message | None:
    machine = metered.machine or eyes.machine
    following = _next_day(desk, metered.name, days_of(desk, metered))
    found = eyes.store.read(
        partial(
            series_with,
            machine=machine,
            name=metered.metric_name,
            labels=metered.label_pairs,
        )
    )
    trouble = _trouble(metered, machine, found)
    if trouble is not None:
        return trouble
    for day in range(following, day_of(desk.now, desk.zone)):
        if not _measure_day(desk, eyes.store, metered, (day, found)):
            break
    return None


def _next_day(desk: Desk, name: str, known: Sequence[MeteredDay]) -> int:
    """After the last that is known; a new item begins with this month, or when Sallim did."""
    month = period_at(desk.now, "month", desk.zone)
    seen = day_of(began(desk.home, desk.now), desk.zone)
    first = first_day(desk.home, name, max(month.first_day, seen))
    following = known[-1].day + 1 if known else first
    return max(following, day_of(desk.now, desk.zone) - DAYS_BACK_MAX)


def _measure_day(
    desk: Desk, store: Asking, metered: Metered, wanted: tuple[int, Sequence[Found]]
) -> bool:
    """False where it has to wait."""
    day, found = wanted
    # What was before Sallim began is part of the opening balance.
    since = max(start_of(day, desk.zone), began(desk.home, desk.now))
    until = start_of(day + 1, desk.zone)
    tier = _tier(desk.now - since)
    if not store.read(partial(is_rolled, tier=tier, until=until)):
        return False
    ids = [each.id for each in found]
    buckets = store.read(partial(buckets_in, ids=ids, span=(since, until), tier=tier))
    told = measured(buckets, (since, until), tier.step_seconds)
    has_gap = told.missing_seconds > allowed_gap_seconds(tier.step_seconds)
    if has_gap and desk.now < until + WAIT_SECONDS:
        return False
    missing = told.missing_seconds if has_gap else 0
    put_day(desk.home, MeteredDay(metered.name, day, told.quantity, missing))
    return True


def _tier(age_seconds: float) -> Tier:
    return MINUTE if age_seconds < MINUTES_DAYS * DAY_SECONDS else TEN_MINUTES


def _book(desk: Desk, metered: Metered, known: Sequence[MeteredDay]) -> None:
    price = price_of(metered.gb_price)
    for told in known:
        if told.booked:
            continue
        at = start_of(told.day, desk.zone)
        charged = _charged(metered, known, told, period_at(at, "month", desk.zone))
        if charged > 0:
            item = metered_item(metered, told.day, told.quantity)
            desk.book(item, price._replace(amount=price.amount * charged), at)
        note_day_booked(desk.home, told)


def _charged(
    metered: Metered, known: Sequence[MeteredDay], told: MeteredDay, month: Period
) -> Decimal:
    before = sum(each.quantity for each in known if month.first_day <= each.day < told.day)
    seconds = month.until - month.since
    return charged_gigabytes(
        gigabytes(before, metered, seconds),
        gigabytes(told.quantity, metered, seconds),
        metered.free_gb,
    )


def _trouble(metered: Metered, machine: str, found: Sequence[Found]) -> Message | None:
    labels = ", ".join(f"{name}={value}" for name, value in metered.label_pairs)
    if not found:
        return say(
            "[[metered]] {name}: nothing of {metric} with {labels} was ever measured on {machine}, "
            "so nothing is counted; look at metric, labels and machine",
            name=metered.name,
            metric=metered.metric_name,
            labels=labels or "-",
            machine=machine,
        )
    wanted = UNITS[metered.kind]
    other = next((each.unit for each in found if each.unit in UNITS.values()), wanted)
    if other != wanted:
        return say(
            "[[metered]] {name}: {metric} is in {unit}, and {kind} is counted in {wanted}; name "
            "another metric or another kind",
            name=metered.name,
            metric=metered.metric_name,
            unit=other,
            kind=metered.kind,
            wanted=wanted,
        )
    return None


def _gap(metered: Metered, known: Sequence[MeteredDay]) -> Message | None:
    """Of the last day that was looked at; the page tells those of the whole month."""
    if not known or not known[-1].missing_seconds:
        return None
    return say(
        "{name}: {hours} h of {date} were not measured; nothing is booked for that time",
        name=metered.name,
        hours=f"{known[-1].missing_seconds / 3600:.1f}",
        date=str(date_of(known[-1].day)),
    )
