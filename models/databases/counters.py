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

    A database of which there is no look before says nothing; a name of which none says anything
    is left out.
    """
    total: dict[str, float] = {}
    seen: set[Hashable] = set()
    for each in counters:
        for name, count in each.values.items():
            key = (each.key, each.epoch, name)
            seen.add(key)
            rate = rates.per_second(key, count, monotonic_seconds)
            if rate is not None:
                total[name] = total.get(name, 0.0) + rate
    rates.forget_all_but(seen)
    return total


def hit_share(hits: float | None, misses: float | None) -> float | None:
    """None where nothing was asked for: no number is better than a flattering one.

    >>> hit_share(90.0, 10.0), hit_share(0.0, 0.0), hit_share(None, 3.0)
    (0.9, None, None)
    """
    if hits is None or misses is None or hits + misses <= 0:
        return None
    return hits / (hits + misses)
