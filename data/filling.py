"""Writing a whole past into a new store, fast: for the demo and the benchmarks.

Values are computed at every ten seconds of the past, one UTC day at a time, and folded as the
agent folds, so that an agent continues without a seam. This runs in a process of its own, never
in the agent: numpy and pyarrow are welcome here.
"""

# ruff: noqa: S608  Names of tables are made by periods.py out of a tier and a date.

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from data.control import Control, Flush, PeriodRows
from data.home import Home
from data.ops.connection import open_for_writing
from data.ops.periods import Period, PeriodBook, period_of
from data.ops.rollups import GRACE_SECONDS, ROLLED_TIERS, Watermarks
from data.ops.samples import SeriesBook
from data.ops.schema import migrate
from models.metrics import unit_of
from models.monitoring import Aggregate, Row, SeriesKey
from models.rollups import bucket_start
from models.tiers import DAY_SECONDS, RAW, TIERS, Tier

Array = np.ndarray[Any, Any]

NOTHING = Aggregate(0.0, 0.0, 0.0, 1)


class Cast(NamedTuple):
    """Series that are drawn together.

    `curves` gets moments (UTC epoch seconds) and gives one row a series, NaN where there is
    nothing.
    """

    series: Sequence[SeriesKey]
    curves: Callable[[Array], Array]


class Buckets(NamedTuple):
    """One row a series, one column a bucket; `n` is 0 where there is nothing."""

    ids: Array
    starts: Array
    mean: Array
    low: Array
    high: Array
    n: Array


def write_past(home: Home, casts: Sequence[Cast], days: int, now: float, demo: bool) -> None:
    """Make the files of a store that holds `days` up to now, each tier as long as it is kept.

    The home has neither store nor control file yet.
    """
    control = Control.open(home.control)
    connection = open_for_writing(home.ops)
    try:
        migrate(connection, now)
        if demo:
            connection.execute("INSERT INTO meta VALUES ('demo', '1')")
        writer = _Writer(connection, control, now)
        drawn = [(writer.ids_of(cast.series), cast.curves) for cast in casts]
        for tier in TIERS:
            since = now - min(days * DAY_SECONDS, tier.kept_seconds)
            for buckets in _periods(drawn, tier, since, writer.ends[tier.view]):
                writer.write(tier, buckets)
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
        control.close()


class _Writer:
    """Puts one period after the other into its table, and into the account of the store."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, control: Control, now: float) -> None:
        self._connection = connection
        self._control = control
        self._now = now
        self._periods = PeriodBook(connection)
        self._seq = 0
        self.ends = {RAW.view: bucket_start(now, RAW.step_seconds)}
        """Where each tier ends: raw rows now, rollups where the agent will fold on."""
        marks = Watermarks(connection)
        for tier in ROLLED_TIERS:
            self.ends[tier.view] = bucket_start(now - GRACE_SECONDS, tier.step_seconds)
            marks.move(connection, tier, self.ends[tier.view])

    def ids_of(self, series: Sequence[SeriesKey]) -> Array:
        rows = [Row(key, unit_of(key.name), 0, NOTHING) for key in series]
        book = SeriesBook(self._connection)
        ids = book.ids_of(self._connection, rows, self._now)
        self._control.acknowledge([], book.take_news())
        return np.array(ids, dtype=np.int32)

    def write(self, tier: Tier, parts: Sequence[Buckets]) -> None:
        first_at = int(parts[0].starts[0])
        self._connection.execute("BEGIN")
        period = self._periods.ensure(self._connection, tier, first_at)
        closed = period.end_at <= self.ends[tier.view]
        self._seq += tier is RAW
        arriving = _rows(parts, closed, self._seq if tier is RAW else None)
        self._connection.register("arriving", arriving)
        self._connection.execute(f"INSERT INTO {period.table} SELECT * FROM arriving")
        self._connection.unregister("arriving")
        if closed:
            self._connection.execute(
                "UPDATE periods SET sealed = true WHERE table_name = ?", [period.table]
            )
        self._account(period, arriving.num_rows, first_at, int(parts[-1].starts[-1]))

    def _account(self, period: Period, count: int, first_at: int, last_at: int) -> None:
        if period.tier is RAW:
            self._connection.execute(
                "INSERT INTO flushes VALUES (?, ?, to_timestamp(?), to_timestamp(?))",
                [self._seq, count, first_at, last_at],
            )
        self._connection.execute("COMMIT")
        if period.tier is RAW:
            self._control.acknowledge([Flush(self._seq, count, first_at, last_at)])
        else:
            rows = PeriodRows(period.table, count, period.first_at, period.end_at)
            self._control.note_period_rows([rows])


def _periods(
    drawn: Sequence[tuple[Array, Callable[[Array], Array]]], tier: Tier, since: float, until: int
) -> Iterator[list[Buckets]]:
    """The buckets of each period, oldest first, a part for each cast and day."""
    parts: list[Buckets] = []
    for day in range(bucket_start(since, DAY_SECONDS), until, DAY_SECONDS):
        moments = np.arange(day, min(day + DAY_SECONDS, until), RAW.step_seconds, dtype=np.float64)
        for ids, curves in drawn:
            parts.append(_folded(ids, moments, curves(moments), tier))
        if period_of(tier, day).end_at <= day + DAY_SECONDS or day + DAY_SECONDS >= until:
            yield parts
            parts = []


def _folded(ids: Array, moments: Array, values: Array, tier: Tier) -> Buckets:
    factor = tier.step_seconds // RAW.step_seconds
    cut = values.astype(np.float32).reshape(len(ids), -1, factor)
    n = np.count_nonzero(~np.isnan(cut), axis=2).astype(np.int32)
    return Buckets(
        ids=ids,
        starts=moments[::factor].astype(np.int64),
        mean=np.nansum(cut, axis=2, dtype=np.float64) / np.maximum(n, 1),
        low=np.fmin.reduce(cut, axis=2),
        high=np.fmax.reduce(cut, axis=2),
        n=n,
    )


def _rows(parts: Sequence[Buckets], closed: bool, seq: int | None) -> pa.Table:
    """Rows of one table: sorted by series and time where it is closed, by time while it grows."""
    columns = [_columns(part) for part in parts]
    starts, ids, *rest = (np.concatenate(column) for column in zip(*columns, strict=True))
    order = np.lexsort((starts, ids) if closed else (ids, starts))
    moments = pa.array(starts[order] * 1_000_000).cast(pa.timestamp("us", tz="UTC"))
    mean, low, high, n = (column[order] for column in rest)
    table = {
        "taken_at": moments,
        "series_id": ids[order],
        "mean": mean.astype(np.float32),
        "min": low,
        "max": high,
        "n": n,
    }
    if seq is not None:
        table["seq"] = np.full(len(order), seq, dtype=np.int64)
    return pa.table(table)


def _columns(part: Buckets) -> tuple[Array, ...]:
    there = part.n.ravel() > 0
    starts = np.tile(part.starts, len(part.ids))
    ids = np.repeat(part.ids, len(part.starts))
    flat = (starts, ids, part.mean.ravel(), part.low.ravel(), part.high.ravel(), part.n.ravel())
    return tuple(column[there] for column in flat)
