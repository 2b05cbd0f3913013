"""Reads a folder of series: `timestamp,value` CSV, and M4-style `unique_id,ds,value,part`.

What comes out is hourly, without gaps (forecasting.md 3 and 4.1): the first and last hour of finer
samples are dropped, for they are in part; missing hours are interpolated.
"""

import csv
import gzip
import math
import os
import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from bench.forecast_kinds import Rule, how_of, is_skipped, rules_of, until_of
from bench.processes import ROOT

Group = Literal["ops", "m4"]
HOUR = 3_600
ORIGINALS = """\
the originals: numenta/NAB (data, labels), reconfigurable-ml-pipeline/web-service-datasets,
Azure/AzurePublicDataset and Mcompetitions/M4-methods on GitHub, as CSV of timestamp,value"""
SEED = 4_2026
STEP = re.compile(r"_(\d+)(s|min|h)$")
UNITS = {"s": 1, "min": 60, "h": HOUR}


class Series(NamedTuple):
    """`values` are hourly, oldest first, without gaps; `how` they were made."""

    name: str
    group: Group
    values: np.ndarray
    how: str


class Read(NamedTuple):
    series: list[Series]
    left_out: list[str]


def folder_of(asked: Path | None) -> Path:
    """As asked, else SALLIM_TRACES, else ../shared/data beside the project. Raises SystemExit."""
    told = asked or os.environ.get("SALLIM_TRACES") or ROOT.parent / "shared" / "data"
    folder = Path(told)
    if not folder.is_dir():
        raise SystemExit(
            f"there is no folder {folder}: name one by --series or SALLIM_TRACES;\n{ORIGINALS}"
        )
    return folder


def read(
    folder: Path, m4_sample: int = 0, sums: Sequence[str] = (), means: Sequence[str] = ()
) -> Read:
    """All series of the folder; `m4_sample` of the M4-style ones by a fixed seed, 0: all."""
    rules = rules_of(folder, sums, means)
    found = Read([], [])
    for file in _finest(sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")])):
        if is_skipped(_stem(file), rules):
            found.left_out.append(f"{_stem(file)}: a rule says so")
            continue
        header, *rows = _rows(file)
        if "unique_id" in header:
            found.series.extend(_m4(header, rows, m4_sample))
        else:
            _add(_stem(file), header, rows, rules, found)
    return found


def _stem(file: Path) -> str:
    """Without endings and the name of the collection.

    >>> _stem(Path("x/nab_nyc_taxi.csv.gz"))
    'nyc_taxi'
    """
    return file.name.removesuffix(".gz").removesuffix(".csv").removeprefix("nab_")


def _finest(files: Sequence[Path]) -> list[Path]:
    """Of one series at several steps (`x_1min`, `x_1h`) that of the shortest."""
    best: dict[str, tuple[int, Path]] = {}
    for file in files:
        stem = _stem(file)
        step = STEP.search(stem)
        seconds = int(step[1]) * UNITS[step[2]] if step else 1
        base = STEP.sub("", stem)
        if seconds <= best.get(base, (HOUR, file))[0]:
            best[base] = seconds, file
    return [file for _, file in best.values()]


def _rows(file: Path) -> Iterator[list[str]]:
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        yield [name.strip().lower() for name in next(rows)]
        yield from (row for row in rows if row)


def _m4(header: list[str], rows: list[list[str]], sample: int) -> list[Series]:
    """Train and test part joined, in the order of `ds`."""
    who, when, what = (header.index(name) for name in ("unique_id", "ds", "value"))
    points: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        points.setdefault(row[who], []).append((_moment(row[when]), _value(row[what])))
    names = sorted(points)
    if 0 < sample < len(names):
        names = sorted(random.Random(SEED).sample(names, sample))
    return [Series(name, "m4", _m4_values(points[name]), "as it is") for name in names]


def _m4_values(points: list[tuple[float, float]]) -> np.ndarray:
    return _filled(np.array([value for _, value in sorted(points, key=lambda each: each[0])]))


def _add(
    name: str, header: list[str], rows: list[list[str]], rules: tuple[Rule, ...], to: Read
) -> None:
    name = STEP.sub("", name)
    try:
        when, what = header.index("timestamp"), header.index("value")
    except ValueError:
        to.left_out.append(f"{name}: it has no columns timestamp and value")
        return
    points = sorted((_moment(row[when]), _value(row[what])) for row in rows)
    points = [point for point in points if not math.isnan(point[1])]
    if len(points) < 2:
        to.left_out.append(f"{name}: nothing was measured")
        return
    how = how_of(name, rules, [value for _, value in points])
    values = hourly(points, how, until_of(name, rules))
    to.series.append(Series(name, "ops", values, how))


def hourly(points: Sequence[tuple[float, float]], how: str, until: str | None = None) -> np.ndarray:
    """Mean or sum by hour of (epoch second, value) in order of time, before the day `until`.

    >>> hourly([(0, 1.0), (1800, 3.0), (3600, 5.0), (7200, 2.0), (9000, 4.0), (12000, 9.0)], "mean")
    array([5., 3.])
    """
    hours: dict[int, list[float]] = {}
    for moment, value in points:
        hours.setdefault(int(moment // HOUR), []).append(value)
    first, last = min(hours), max(hours)
    values = np.full(last - first + 1, np.nan)
    for hour, parts in hours.items():
        values[hour - first] = sum(parts) / (len(parts) if how == "mean" else 1)
    if len(points) > len(hours):
        first, values = first + 1, values[1:-1]
    end = None if until is None else max(0, int(_moment(until) // HOUR) - first)
    return _filled(values[:end])


def _filled(values: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(~np.isnan(values))
    return np.interp(np.arange(len(values)), known, values[known]) if len(known) else values[:0]


def _moment(text: str) -> float:
    """Epoch seconds; a number stands for itself (milliseconds when it is too large)."""
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return number / 1_000 if number > 1e11 else number


def _value(text: str) -> float:
    return float(text) if text.strip() else math.nan
