"""What pages ask the store about machines and their series.

Every function takes something that answers a SELECT with numpy columns: the reader, or a fake.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from models.live import Live, LiveSeries, labels_of
from models.monitoring import SeriesKey
from models.tiers import Resolution
from models.traces import Trace

LATEST_SECONDS = 120
"""What counts as the last state of the store: the newest bucket and the two minutes before."""

Columns = dict[str, "np.ndarray[Any, Any]"]


class Answers(Protocol):
    def columns(self, sql: str, params: Sequence[object] = ()) -> Columns: ...


class Stored(NamedTuple):
    """A series as the store knows it."""

    id: int
    key: SeriesKey
    unit: str


def machines(reader: Answers) -> list[str]:
    """Every machine that ever stored a value, by name."""
    columns = reader.columns("SELECT DISTINCT machine FROM series ORDER BY machine")
    return [str(name) for name in columns["machine"]]


def series_of(reader: Answers, machine: str, names: Sequence[str]) -> list[Stored]:
    """The series of a machine that bear one of these names, oldest first."""
    columns = reader.columns(
        "SELECT id, name, unit, labels FROM series "
        "WHERE machine = ? AND list_contains(?::VARCHAR[], name) ORDER BY id",
        [machine, list(names)],
    )
    rows = zip(columns["id"], columns["name"], columns["unit"], columns["labels"], strict=True)
    return [
        Stored(int(number), SeriesKey(machine, str(name), labels_of(json.loads(labels))), str(unit))
        for number, name, unit, labels in rows
    ]


# list_contains and not IN (1, 2, ...): DuckDB turns a list of literals into a join, which on a
# large store now and then finds no memory ("failed to pin block", 22 of 240 questions).
HISTORY = """
SELECT series_id,
       (epoch_ms(taken_at) // ?) * ? AS at_ms,
       sum(mean * n) / sum(n) AS mean,
       min(min) AS low,
       max(max) AS high
FROM {view}
WHERE list_contains(?::INTEGER[], series_id)
  AND taken_at >= to_timestamp(?) AND taken_at < to_timestamp(?)
GROUP BY series_id, at_ms
ORDER BY series_id, at_ms
"""


def history(
    reader: Answers, series: Sequence[Stored], since: float, until: float, resolution: Resolution
) -> list[Trace]:
    """One trace for each of `series` that has values in [since, until) (UTC epoch seconds)."""
    if not series:
        return []
    bucket_ms = resolution.bucket_seconds * 1000
    columns = reader.columns(
        HISTORY.replace("{view}", resolution.tier.view),
        [bucket_ms, bucket_ms, [stored.id for stored in series], since, until],
    )
    ids = columns["series_id"]
    return [
        _trace(stored, columns, slice(first, last), resolution)
        for stored in series
        for first, last in [np.searchsorted(ids, [stored.id, stored.id + 1])]
        if last > first
    ]


def _trace(stored: Stored, columns: Columns, rows: slice, resolution: Resolution) -> Trace:
    return Trace(
        key=stored.key,
        unit=stored.unit,
        at=columns["at_ms"][rows] / 1000.0,
        mean=columns["mean"][rows],
        low=columns["low"][rows],
        high=columns["high"][rows],
        bucket_seconds=resolution.bucket_seconds,
        gap_seconds=1.5 * resolution.bucket_seconds,
    )


def last_state(reader: Answers, now: float) -> Live | None:
    """What the store knew last, in the shape of the agent's live answer; None when it is empty.

    It has no sources: only the agent knows how they are. `now` is UTC epoch seconds.
    """
    columns = reader.columns(
        """
        WITH newest AS (SELECT max(last_at) AS taken_at FROM flushes),
        latest AS (
            SELECT series_id, arg_max(mean, samples.taken_at) AS value,
                   max(samples.taken_at) AS taken_at
            FROM samples
            JOIN newest ON samples.taken_at > newest.taken_at - to_seconds(?)
            GROUP BY series_id)
        SELECT machine, name, unit, labels, value, epoch(taken_at) AS at,
               EXISTS (FROM meta WHERE key = 'demo' AND value = '1') AS demo
        FROM latest JOIN series ON id = series_id
        """,
        [LATEST_SECONDS],
    )
    demo = columns.pop("demo")
    rows = zip(*columns.values(), strict=True)
    series = tuple(
        LiveSeries(
            SeriesKey(machine, name, labels_of(json.loads(labels))), unit, float(value), float(at)
        )
        for machine, name, unit, labels, value, at in rows
    )
    if not series:
        return None
    return Live(now, series[0].key.machine, "", bool(demo[0]), (), series)
