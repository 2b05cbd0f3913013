"""What is left of a budget, told in what it buys."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from models.costs.kinds import SERVERS_BUCKET
from models.costs.shapes import NOTHING, AnalysisCost, Bucket

TENTH = Decimal("0.1")


class Enough(NamedTuple):
    """So many more of it, at what one costs now."""

    name: str
    number: int
    each_won: Decimal


def enough_for(left_won: Iterable[Decimal], analyses: Iterable[AnalysisCost]) -> list[Enough]:
    """Of each analysis whose price is known; the least that is left decides.

    >>> video = AnalysisCost("video", Decimal(30), 9, 3, 3, None, None)
    >>> [one.number for one in enough_for([Decimal(105), Decimal(900)], [video])]
    [10]
    """
    left = max(min(left_won, default=NOTHING), NOTHING)
    return [
        Enough(one.analysis, int((left / each).to_integral_value(ROUND_FLOOR)), each)
        for one in analyses
        if (each := one.won_a_success)
    ]


class Hourly(NamedTuple):
    """A machine that is paid by the hour, and what one costs as it is booked: gross, in won.

    `runs_since` is there while it is on and nothing of its time is kept free ahead.
    """

    name: str
    provider: str
    won: Decimal
    runs_since: float | None = None

    @property
    def buckets(self) -> tuple[str, ...]:
        """In which it counts."""
        return (SERVERS_BUCKET, "total", f"provider:{self.provider}")


def hourly_of(shape: Mapping[str, str]) -> Hourly:
    """As the agent tells it. Raises KeyError, ValueError for what is none."""
    since = shape.get("runs_since")
    won = Decimal(shape["won"])
    return Hourly(shape["name"], shape["provider"], won, float(since) if since else None)


class HoursLeft(NamedTuple):
    """So many hours of it, to a tenth and rounded down."""

    name: str
    hours: Decimal
    each_won: Decimal


def hours_for(found: Iterable[Bucket], machines: Iterable[Hourly]) -> list[HoursLeft]:
    """Of each machine that costs something; the tightest of the buckets that it counts in decides.

    >>> total = Bucket("total", 0, 1, Decimal(24_900), Decimal(22_000), NOTHING, NOTHING, 1, 0)
    >>> hours_for([total], [Hourly("gpu", "runpod", Decimal(520)), Hourly("own", "", NOTHING)])
    [HoursLeft(name='gpu', hours=Decimal('5.5'), each_won=Decimal('520'))]
    """
    left = {one.bucket_id: max(one.left_won, NOTHING) for one in found}
    hours = []
    for machine in machines:
        tightest = min((left[name] for name in machine.buckets if name in left), default=None)
        if tightest is not None and machine.won > 0:
            number = (tightest / machine.won).quantize(TENTH, ROUND_FLOOR)
            hours.append(HoursLeft(machine.name, number, machine.won))
    return hours
