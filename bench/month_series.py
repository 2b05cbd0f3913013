"""Months to try projections on: made up by chance that can be repeated, and out of real counts.

Made up: working days, weekends at three tenths, noise (sigma 0.3 of the logarithm) and, on 4 % of
the days, three to five times as much. `trend` grows or falls by 0.3 to 1.5 % a day, `regime`
changes for good by half or double (and somewhat more) between the 20th day before the month and
its 25th, `heavy` has 2 % of days with eight to fifteen times as much, `young` began ten days before
the month. Real: counts by day, at what that many calls of a known model cost.
"""

import csv
import gzip
import math
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from bench.forecast_kinds import WORD, how_of
from sallim.prices import PriceList, cost_of, shipped
from sallim.usage.counting import Usage

DAY_SECONDS = 86_400
MONTH_DAYS, BEFORE_DAYS, YOUNG_DAYS = 30, 61, 10
KINDS = ("plain", "trend", "regime", "heavy", "young")
WEEKEND, SIGMA, SPIKES, SPIKE = 0.3, 0.3, 0.04, (3.0, 5.0)
HEAVY, HEAVY_SPIKE = 0.02, (8.0, 15.0)
A_DAY_MICRO = 500_000_000
NO_CALLS = frozenset(("network", "net", "traffic", "bytes", "packets"))
LEAST_BEFORE, HISTORY_MAX = 10, 100
SHORT_DAYS = 14
MODEL = ("google", "gemini-2.5-flash-lite")
A_CALL = Usage(input=1_200, output=300)
KRW_A_USD = Decimal(1_450)


class Month(NamedTuple):
    """`amounts` are micro-won by day, the month from `begins` on to the last of them.

    `first_day` is the number of the first of them; of short months days are looked at earlier.
    """

    name: str
    amounts: tuple[int, ...]
    first_day: int
    begins: int

    @property
    def length(self) -> int:
        return len(self.amounts) - self.begins


def made_up(kind: str, number: int) -> Month:
    """The same for the same kind and number."""
    chance = random.Random(f"month {kind} {number}")
    before = YOUNG_DAYS if kind == "young" else BEFORE_DAYS
    first_day = 20_000 + chance.randrange(7)
    slope = chance.choice((-1, 1)) * chance.uniform(0.003, 0.015) if kind == "trend" else 0.0
    changed = chance.randrange(before - 20, before + 25) if kind == "regime" else 10**6
    by = chance.choice((0.4, 0.5, 2.0, 2.5))
    often, much = (HEAVY, HEAVY_SPIKE) if kind == "heavy" else (SPIKES, SPIKE)
    amounts = []
    for place in range(before + MONTH_DAYS):
        # Day 0 was a Thursday.
        amount = WEEKEND if (first_day + place + 3) % 7 >= 5 else 1.0
        amount *= chance.lognormvariate(0, SIGMA) * math.exp(slope * place)
        amount *= by if place >= changed else 1.0
        amount *= chance.uniform(*much) if chance.random() < often else 1.0
        amounts.append(round(amount * A_DAY_MICRO))
    return Month(kind, tuple(amounts), first_day, before)


def counted(folder: Path) -> dict[str, list[Month]]:
    """By series, every month that it has; 30 days, or 14 where it is shorter than 45.

    Series of shares, times and bytes are no calls. At least ten days stand before each month.
    """
    a_call = won_a_call()
    found = {}
    for name, (first_day, counts) in sorted(_daily_counts(folder).items()):
        length = MONTH_DAYS if len(counts) >= 45 else SHORT_DAYS
        months = [
            _month_of(name, counts, first_day, (begins, length), a_call)
            for begins in range(LEAST_BEFORE, len(counts) - length + 1)
        ]
        if months:
            found[name] = months
    return found


def won_a_call() -> Decimal:
    """1,200 tokens in and 300 out, by the price table that is shipped."""
    rates = PriceList(shipped().rates).find(*MODEL)
    assert rates is not None, "the table has this model"
    return (
        Decimal(cost_of(A_CALL, rates, int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) * 10**6))
        * KRW_A_USD
        / 10**9
    )


def _month_of(
    name: str, counts: Sequence[float], first_day: int, where: tuple[int, int], a_call: Decimal
) -> Month:
    begins, length = where
    since = max(begins - HISTORY_MAX, 0)
    amounts = tuple(
        int(Decimal(count) * a_call * 1_000_000) for count in counts[since : begins + length]
    )
    return Month(name, amounts, first_day + since, begins - since)


def _daily_counts(folder: Path) -> dict[str, tuple[int, list[float]]]:
    """Of the coarsest file of each series: the number of its first whole day, and all days."""
    found: dict[str, tuple[int, list[float]]] = {}
    for file in sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")]):
        name = file.name.removesuffix(".gz").removesuffix(".csv").removeprefix("nab_")
        base = name.removesuffix("_1min").removesuffix("_1h")
        words = {word.lower() for word in WORD.findall(base)}
        if words & NO_CALLS or how_of(base, (), ()) != "sum" or base in found:
            continue
        days = _days(file)
        if len(days) >= LEAST_BEFORE + SHORT_DAYS:
            found[base] = (min(days), [days.get(n, 0.0) for n in range(min(days), max(days) + 1)])
    return found


def _days(file: Path) -> dict[int, float]:
    """Sums by day; the first and the last are in part and left out."""
    days: dict[int, float] = {}
    for moment, value in _points(file):
        day = int(moment // DAY_SECONDS)
        days[day] = days.get(day, 0.0) + value
    whole = sorted(days)[1:-1]
    return {day: days[day] for day in whole}


def _points(file: Path) -> Iterator[tuple[float, float]]:
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            if "timestamp" not in row or not (row.get("value") or "").strip():
                continue
            moment = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
            yield moment.timestamp(), float(row["value"])
