"""Sealing: a period that is over is rewritten sorted by series and time, a slice at a time.

Sorted, a day takes about half the room and one series of it is read in a third of the time. A
raw day of 300 series (2.6 million rows) does not fit in the memory limit, and a tick must stay
short: so each call copies the rows of a few series into a second table, and the last call puts
that table in the place of the first. Whoever reads meanwhile sees the first.
"""

# ruff: noqa: S608  Names of tables are made by periods.py out of a tier and a date.

import duckdb

from data.ops.database import Database
from data.ops.periods import Period, PeriodBook, create_table
from data.ops.rollups import ROLLED_TIERS, Watermarks
from models.tiers import HOUR_SECONDS, RAW

ROWS_A_SLICE = 250_000
DELAY_SECONDS = HOUR_SECONDS
"""A period is sealed this long after its end, when hardly a late row is to be expected."""
PREFIX = "sorting_"


class Sealer:
    """Copies one period at a time; forgets its copy when the original changes meanwhile."""

    def __init__(self) -> None:
        self._period: Period | None = None
        self._slices: list[tuple[int, int]] = []

    def step(self, database: Database, periods: PeriodBook, marks: Watermarks, now: float) -> bool:
        """Do one piece of work; False when there was none."""
        if self._period is None:
            return self._begin(database, due(periods, marks, now))
        if self._slices:
            self._copy(database, self._period, self._slices.pop(0))
        else:
            period, self._period = self._period, None
            with database.transaction() as connection:
                periods.replace_sealed(connection, period, PREFIX + period.table)
        return True

    def note_rows(self, connection: duckdb.DuckDBPyConnection, first_at: int, last_at: int) -> None:
        """Rows were written into [first_at, last_at]: a copy of that time is out of date."""
        period = self._period
        if period is not None and first_at < period.end_at and last_at >= period.first_at:
            self.abandon()
            drop_leftovers(connection)

    def abandon(self) -> None:
        self._period = None
        self._slices = []

    def _begin(self, database: Database, period: Period | None) -> bool:
        if period is None:
            return False
        with database.transaction() as connection:
            drop_leftovers(connection)
            connection.execute(create_table(period.tier, PREFIX + period.table))
        counts = database.connection.execute(
            f"SELECT series_id, count(*) FROM {period.table} GROUP BY series_id ORDER BY series_id"
        ).fetchall()
        self._period = period
        self._slices = slices_of(counts, ROWS_A_SLICE)
        return True

    def _copy(self, database: Database, period: Period, span: tuple[int, int]) -> None:
        with database.transaction() as connection:
            connection.execute(
                f"""
                INSERT INTO {PREFIX}{period.table}
                SELECT * FROM {period.table} WHERE series_id BETWEEN ? AND ?
                ORDER BY series_id, taken_at
                """,
                list(span),
            )


def due(periods: PeriodBook, marks: Watermarks, now: float) -> Period | None:
    """The oldest period that is over and folded, but not sealed."""
    for period in periods.all():
        if not period.sealed and period.end_at + DELAY_SECONDS <= now:
            folded = all((marks.of(tier) or 0) >= period.end_at for tier in ROLLED_TIERS)
            if folded or period.tier is not RAW:
                return period
    return None


def slices_of(counts: list[tuple[int, int]], rows_max: int) -> list[tuple[int, int]]:
    """Ranges of series ids, each with at most `rows_max` rows where a series allows it.

    >>> slices_of([(1, 60), (2, 50), (3, 10), (7, 200)], 100)
    [(1, 1), (2, 3), (7, 7)]
    """
    slices: list[tuple[int, int]] = []
    rows = 0
    for series_id, count in counts:
        if slices and rows + count <= rows_max:
            slices[-1] = (slices[-1][0], series_id)
            rows += count
        else:
            slices.append((series_id, series_id))
            rows = count
    return slices


def drop_leftovers(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop copies that were never finished."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, ?)", [PREFIX]
    ).fetchall()
    for (table,) in rows:
        connection.execute(f"DROP TABLE {table}")
