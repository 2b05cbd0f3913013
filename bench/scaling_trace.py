"""Demand by the minute out of a CSV of `timestamp,value`, and rare jobs made by a seed."""

import csv
import gzip
import itertools
import math
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from bench.processes import ROOT
from models.scaling.simulate import Trace

MINUTE_SECONDS, HOUR_MINUTES, DAY_MINUTES = 60, 60, 1_440
STEP_SECONDS_MAX = 900
KNOWN_DAYS_MIN = 4
KNOWN_SHARE = 0.59
"""So much of a trace is history; the replay begins with the next midnight."""
CAPACITIES_OF_P99 = 8
ORIGINALS = "reconfigurable-ml-pipeline/web-service-datasets on GitHub, as CSV of timestamp,value"


class Demand(NamedTuple):
    """`filled` minutes were not measured, and stand as high as the one before."""

    name: str
    trace: Trace
    filled: int

    @property
    def capacity(self) -> float:
        """Of one machine, by the replayed part: it only fixes the unit (forecasting.md, 8.2)."""
        replayed = self.trace.demand[self.trace.begin : self.trace.end]
        return quantiles(replayed, n=100, method="inclusive")[98] / CAPACITIES_OF_P99


def folder() -> Path:
    """SALLIM_TRACES, else ../shared/data beside the project. Raises SystemExit."""
    found = Path(os.environ.get("SALLIM_TRACES") or ROOT.parent / "shared" / "data")
    if not found.is_dir():
        raise SystemExit(
            f"there is no folder {found}: name a trace by --trace, or its folder by SALLIM_TRACES; "
            f"the originals: {ORIGINALS}"
        )
    return found


def read(file: Path) -> Demand:
    """Cut to whole days at its begin, and to whole hours without the last at its end.

    Steps shorter than a minute are added up, longer ones stand for each of their minutes.
    Raises SystemExit for what cannot be replayed, with what would help.
    """
    points = _points(file)
    step = median(b - a for (a, _), (b, _) in itertools.pairwise(points))
    if not 0 < step <= STEP_SECONDS_MAX:
        raise SystemExit(
            f"{file.name} has a value every {step:g} s; up to {STEP_SECONDS_MAX} s can be replayed"
        )
    minutes, filled = _minutes(points, max(round(step / MINUTE_SECONDS), 1))
    first = int(points[0][0]) // MINUTE_SECONDS
    cut = -first % DAY_MINUTES
    demand = minutes[cut:]
    end = len(demand) // HOUR_MINUTES * HOUR_MINUTES - HOUR_MINUTES
    begin = -(-int(len(demand) * KNOWN_SHARE) // DAY_MINUTES) * DAY_MINUTES
    if begin < KNOWN_DAYS_MIN * DAY_MINUTES or end - begin < DAY_MINUTES:
        raise SystemExit(
            f"{file.name} covers {len(demand) / DAY_MINUTES:.1f} days; a replay needs about a "
            f"week: {KNOWN_DAYS_MIN} days to learn from, and one to be tried on"
        )
    name = file.name.removesuffix(".gz").removesuffix(".csv")
    return Demand(name, Trace(demand, begin, end, (first + cut) * MINUTE_SECONDS), filled)


def rare_jobs(seed: int, days: int, jobs_a_day: float) -> list[float]:
    """Moments in seconds: a Poisson process whose rate is that of an office.

    From nine to seven 2.2 times the mean rate, else 0.15 times; 0.3 of that on two days of seven.
    """
    dice = random.Random(seed)
    moments = []
    for hour in range(days * 24):
        day, of_day = divmod(hour, 24)
        share = (2.2 if 9 <= of_day < 19 else 0.15) * (1.0 if day % 7 < 5 else 0.3)
        at = hour * 3_600 + dice.expovariate(jobs_a_day * share / 86_400)
        while at < (hour + 1) * 3_600:
            moments.append(at)
            at += dice.expovariate(jobs_a_day * share / 86_400)
    return moments


def _points(file: Path) -> list[tuple[float, float]]:
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8", newline="") as text:
            rows = [
                (_moment(row["timestamp"]), _value(row["value"])) for row in csv.DictReader(text)
            ]
    except (OSError, KeyError, ValueError) as error:
        raise SystemExit(
            f"{file} cannot be read as CSV with the columns timestamp and value: {error!r}"
        ) from error
    points = sorted(row for row in rows if math.isfinite(row[1]))
    if len(points) < 2:
        raise SystemExit(f"{file} holds no two values")
    return points


def _minutes(points: list[tuple[float, float]], width: int) -> tuple[list[float], int]:
    first, last = (int(points[at][0]) // MINUTE_SECONDS for at in (0, -1))
    sums: dict[int, float] = {}
    for moment, value in points:
        minute = int(moment) // MINUTE_SECONDS
        sums[minute] = sums.get(minute, 0.0) + value
    minutes, filled, known = [], 0, first
    for minute in range(first, last + width):
        if minute in sums:
            known = minute
        filled += minute - known >= width
        minutes.append(max(sums[known], 0.0))
    return minutes, filled


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _value(text: str) -> float:
    return float(text) if text and text.strip() else math.nan
