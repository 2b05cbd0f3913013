"""Counters of a database server as growth per second; a reset is a gap, never a spike."""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

from models.rates import Rates


class CountersOf(NamedTuple):
    """The counters of one database. `epoch` changes when they begin anew."""

    key: Hashable
    epoch: object
    values: Mapping[str, float]


def growth_of(
    rates: Rates, counters: Iterable[CountersOf], monotonic_seconds: float
) -> dict[str, float]:
    """Growth per second by name, of all databases together.

    A database of which there is no look before says nothing, and the others go on. Where one that
    was known begins anew the sum would miss it: that name is left out this time, as is one of
    which no database says anything.
    """
    total: dict[str, float] = {}
    seen: set[Hashable] = set()
    gaps: set[str] = set()
    for each in counters:
        # What never moves has a rate exactly when there was a look before.
        seen.add((each.key,))
        was_known = rates.per_second((each.key,), 0.0, monotonic_seconds) is not None
        for name, count in each.values.items():
            key = (each.key, each.epoch, name)
            seen.add(key)
            rate = rates.per_second(key, count, monotonic_seconds)
            if rate is not None:
                total[name] = total.get(name, 0.0) + rate
            elif was_known:
                gaps.add(name)
    rates.forget_all_but(seen)
    return {name: rate for name, rate in total.items() if name not in gaps}


def hit_share(hits: float | None, misses: float | None) -> float | None:
    """None where nothing was asked for: no number is better than a flattering one.

    >>> hit_share(90.0, 10.0), hit_share(0.0, 0.0), hit_share(None, 3.0)
    (0.9, None, None)
    """
    if hits is None or misses is None or hits + misses <= 0:
        return None
    return hits / (hits + misses)
