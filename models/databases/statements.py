"""Which statements a database spends its time on: two looks at its counters, subtracted."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

Key = tuple[int, int, int]
"""User, database and statement, by their numbers."""


class Counted(NamedTuple):
    """What was counted of one statement since its counters began."""

    calls: float
    exec_ms: float
    rows: float = 0.0
    read_blocks: float = 0.0


class Look(NamedTuple):
    """All counters at one moment of the monotonic clock.

    `epoch` changes when all counters begin anew. `is_whole`: none was left out for their number.
    """

    at_seconds: float
    counted: Mapping[Key, Counted]
    epoch: object = None
    is_whole: bool = True


class Spent(NamedTuple):
    """What one statement took between two looks. `busy_share` is seconds of execution a second."""

    query_id: int
    user_id: int
    database_id: int
    calls_per_second: float
    mean_seconds: float
    busy_share: float
    rows_per_call: float
    read_blocks_per_call: float


NOTHING = Counted(0.0, 0.0)


def spent_between(before: Look | None, after: Look) -> list[Spent] | None:
    """The costliest first. None where there is nothing to compare: the first look, a reset."""
    if before is None or before.epoch != after.epoch or after.at_seconds <= before.at_seconds:
        return None
    seconds = after.at_seconds - before.at_seconds
    grown: dict[int, list[tuple[Key, Counted]]] = {}
    for key, counted in after.counted.items():
        # One that was not there began since: unless not all were looked at, all of it is new.
        start = before.counted.get(key, NOTHING if before.is_whole else None)
        if start is None or counted.calls <= start.calls or counted.exec_ms < start.exec_ms:
            continue
        growth = Counted(*(now - then for now, then in zip(counted, start, strict=True)))
        grown.setdefault(key[2], []).append((key, growth))
    told = [_spent(parts, seconds) for parts in grown.values()]
    return sorted(told, key=lambda each: each.busy_share, reverse=True)


def _spent(parts: list[tuple[Key, Counted]], seconds: float) -> Spent:
    """One statement; several users or databases may run it, the busiest is named."""
    (user_id, database_id, query_id), _ = max(parts, key=lambda part: part[1].exec_ms)
    calls, exec_ms, rows, read_blocks = (
        sum(values) for values in zip(*(growth for _, growth in parts), strict=True)
    )
    return Spent(
        query_id,
        user_id,
        database_id,
        calls_per_second=calls / seconds,
        mean_seconds=exec_ms / 1000 / calls,
        busy_share=exec_ms / 1000 / seconds,
        rows_per_call=rows / calls,
        read_blocks_per_call=max(read_blocks, 0.0) / calls,
    )


def summed(rows: Iterable[tuple[Key, Counted]]) -> dict[Key, Counted]:
    """One entry a key: PostgreSQL 14 and later count calls from within functions apart."""
    counted: dict[Key, Counted] = {}
    for key, each in rows:
        known = counted.get(key)
        counted[key] = each if known is None else Counted(*map(sum, zip(known, each, strict=True)))
    return counted
