"""The won to the end of a month: ours beside the run-rate and other plain ways, and its band.

    python -m bench.forecast_month [--series FOLDER] [--months 400] [--quick]

Made-up months of five kinds and those of real counts, priced as calls (bench/month_series.py), each
looked at after 3, 7, 14 and 21 of its days (a tenth, a quarter, half and two thirds of short ones).
MAPE and WAPE of the whole month, and how often a band of 80 % held. The exit code is 0 only if ours
is better than the run-rate after each of these days, made up and real, and its band held in 75 to
88 % of both.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.forecast_series import folder_of
from bench.month_peers import Begun, Told, bootstrap, ours, ours_fitted, run_rate, trailing_mean
from bench.month_series import KINDS, MONTH_DAYS, Month, counted, made_up
from bench.month_tables import Summed, claims, show

LOOKS = (3, 7, 14, 21)
FITTED = "ours, fitted daily"
FITTED_MONTHS = 40
"""A fit costs ten times as much: so many of the months of a series have it, evenly chosen."""
THOSE = "run-rate, of those"
METHODS: Mapping[str, Callable[[Begun], Told]] = {
    "run-rate": run_rate,
    "month + 14-day mean": trailing_mean,
    "weekday bootstrap": bootstrap,
    "ours, at once": ours,
    FITTED: ours_fitted,
    THOSE: run_rate,
}
BESIDE = {"ours, at once": "run-rate", FITTED: THOSE}
"""Over the same months."""
MONTHS, QUICK_MONTHS = 400, 80


class Group(NamedTuple):
    """Of what each series counts as much as each other."""

    name: str
    months: Mapping[str, Sequence[Month]]


def begun_of(month: Month, look: int) -> Begun:
    gone = max(round(look * month.length / MONTH_DAYS), 1)
    today = month.begins + gone
    return Begun(month.amounts[:today], month.first_day + today, gone, month.length)


def summed(months: Sequence[Month], method: Callable[[Begun], Told], look: int) -> Summed:
    """Over all months of a series after one of the days."""
    errors, totals, parts, held, banded = 0.0, 0.0, 0.0, 0, 0
    began = time.process_time()
    for month in months:
        told = method(begun_of(month, look))
        total = sum(month.amounts[month.begins :])
        error = abs(told.middle - total)
        errors, totals = errors + error, totals + total
        parts += error / total if total else 0.0
        if told.low is not None and told.high is not None:
            banded += 1
            held += told.low <= total <= told.high
    took = (time.process_time() - began) / len(months)
    covered = held / banded if banded else None
    return Summed(parts / len(months), errors / totals if totals else 0.0, covered, took)


def _chosen(months: Sequence[Month], method: str) -> Sequence[Month]:
    return months[:: -(-len(months) // FITTED_MONTHS)] if method in (FITTED, THOSE) else months


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=Path, help="folder of CSV or CSV.gz")
    parser.add_argument("--months", type=int, default=MONTHS, help="made-up months of each kind")
    parser.add_argument("--quick", action="store_true")
    told = parser.parse_args()
    count = QUICK_MONTHS if told.quick else told.months
    real = counted(folder_of(told.series))
    groups = [
        Group("made up", {kind: [made_up(kind, n) for n in range(count)] for kind in KINDS}),
        Group("real counts", real),
    ]
    held = []
    for group in groups:
        if not group.months:
            print(f"{group.name}: the folder has no series of counts of 24 days")
            continue
        found = {
            (name, method, look): summed(_chosen(months, method), METHODS[method], look)
            for name, months in group.months.items()
            for method in METHODS
            for look in LOOKS
        }
        sizes = {name: len(months) for name, months in group.months.items()}
        show(group.name, sizes, list(METHODS), LOOKS, found)
        held += claims(group.name, sizes, BESIDE, found)
    missed = [claim for claim, holds in held if not holds]
    verdict = "all hold" if not missed else "missed: " + "; ".join(missed)
    print(f"\nwon to the month's end: {len(held) - len(missed)} of {len(held)} claims; {verdict}")
    return 1 if missed or not held else 0


if __name__ == "__main__":
    sys.exit(main())
