"""How a benchmark says what it found: a table, one summary line, an exit status."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `limit` None where it is only told."""

    what: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def holds(self) -> bool:
        return self.limit is None or self.value <= self.limit


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies; the nearest one that occurred.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.95)
    4.0
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(name: str, figures: Sequence[Figure]) -> int:
    """Print the table and the summary; 0 if every limit holds, else 1."""
    width = max(len(figure.what) for figure in figures)
    print(f"\n{'':{width}}  {'measured':>12}  {'at most':>12}")
    for figure in figures:
        limit = "" if figure.limit is None else f"{figure.limit:,.4g} {figure.unit}"
        verdict = "" if figure.holds else "  MISSED"
        measured = f"{figure.value:,.4g} {figure.unit}"
        print(f"{figure.what:{width}}  {measured:>12}  {limit:>12}{verdict}")
    limited = [figure for figure in figures if figure.limit is not None]
    missed = [figure.what for figure in limited if not figure.holds]
    when = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    verdict = "all hold" if not missed else "missed: " + ", ".join(missed)
    kept = len(limited) - len(missed)
    load = os.getloadavg()[0]
    where = f"{machine()}, load {load:.1f}"
    print(f"\n{name}, {when}, {where}: {kept} of {len(limited)} limits; {verdict}")
    return 1 if missed else 0


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} × {models[0] if models else platform.machine()}"
