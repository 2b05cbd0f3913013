"""What is printed of months that were looked at, and what must hold of them."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

COVERED_LEAST, COVERED_MOST = 0.75, 0.88


class Summed(NamedTuple):
    """Mean error of the whole month as part of it, of each and of all together; how often a band
    of 80 % held, None without one; seconds of CPU a look.
    """

    mape: float
    wape: float
    covered: float | None
    cpu_seconds: float


Found = Mapping[tuple[str, str, int], Summed]
"""By series, method and day."""


def show(
    group: str, sizes: Mapping[str, int], methods: Sequence[str], looks: Sequence[int], found: Found
) -> None:
    """A table for each series and one for all, each of which counts as much as each other."""
    for name, count in sizes.items():
        print(f"\n{group}: {name}, {count} months")
        _table([name], methods, looks, found)
    print(f"\n{group}: all")
    _table(list(sizes), methods, looks, found)


def _table(
    names: Sequence[str], methods: Sequence[str], looks: Sequence[int], found: Found
) -> None:
    head = "".join(f"{f'day {look}':>8}" for look in looks)
    print(f"{'':22}  MAPE %{head[6:]}   WAPE %{head[6:]}   held %{head[6:]}   CPU ms")
    for method in methods:
        rows = [[found[name, method, look] for name in names] for look in looks]
        mape = "".join(f"{100 * fmean(each.mape for each in row):8.1f}" for row in rows)
        wape = "".join(f"{100 * fmean(each.wape for each in row):8.1f}" for row in rows)
        held = "".join(_held(row) for row in rows)
        took = fmean(each.cpu_seconds for row in rows for each in row)
        print(f"{method:22}{mape} {wape} {held} {1_000 * took:8.1f}")


def _held(row: Sequence[Summed]) -> str:
    covered = [each.covered for each in row if each.covered is not None]
    return f"{100 * fmean(covered):8.0f}" if covered else f"{'':8}"


def claims(
    group: str, sizes: Mapping[str, int], beside: Mapping[str, str], found: Found
) -> list[tuple[str, bool]]:
    """Of each of our ways: better than the run-rate after each day, and a band that holds."""
    looks = sorted({look for _, _, look in found})
    held = []
    for method, other in beside.items():
        for look in looks:
            error, plain = (
                fmean(found[name, each, look].mape for name in sizes) for each in (method, other)
            )
            text = f"{group}, day {look}, {method}: {100 * error:.1f} % against {100 * plain:.1f} %"
            held.append((text, error < plain))
        covered = fmean(
            found[name, method, look].covered or 0.0 for name in sizes for look in looks
        )
        text = f"{group}, {method}: the band of 80 % held in {100 * covered:.0f} %"
        held.append((text, COVERED_LEAST <= covered <= COVERED_MOST))
    return held
