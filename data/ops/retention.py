"""What must go: periods past their time, and the oldest ones when the store is too large."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from data.control import Control
from data.ops.books import Books
from data.ops.connection import wal_of
from data.ops.database import Database
from data.ops.periods import Period
from data.ops.rollups import ROLLED_TIERS
from models.tiers import DAY_SECONDS, HOUR_SECONDS, RAW, TEN_MINUTES

JUMP_SECONDS = DAY_SECONDS
STEADY_SECONDS = HOUR_SECONDS


class ClockGuard:
    """Distrusts a wall clock that jumped ahead: nothing is dropped by age until it ran steadily.

    A machine that starts with a wrong date would otherwise lose its whole history at once.
    """

    def __init__(self, last_seen: float | None) -> None:
        self._last_seen = last_seen
        self._trusted_from = 0.0

    def trusts(self, now: float) -> bool:
        if self._last_seen is not None and now - self._last_seen > JUMP_SECONDS:
            self._trusted_from = now + STEADY_SECONDS
        elif self._last_seen is not None and now < self._last_seen - JUMP_SECONDS:
            # It came back: what it said in between counts no longer.
            self._trusted_from = 0.0
        self._last_seen = now
        return now >= self._trusted_from


@dataclass(frozen=True, slots=True)
class Size:
    """`used_bytes` counts blocks in use and the WAL; the file may be larger, with free blocks."""

    used_bytes: int
    file_bytes: int


def size_of(database: Database) -> Size:
    row = database.connection.execute(
        "SELECT used_blocks * block_size, total_blocks * block_size FROM pragma_database_size()"
    ).fetchone()
    assert row is not None, "one database is open"
    wal = wal_of(database.path)
    wal_bytes = wal.stat().st_size if wal.exists() else 0
    return Size(row[0] + wal_bytes, row[1] + wal_bytes)


def overdue(books: Books, kept_seconds: Mapping[str, int], now: float) -> Period | None:
    """The oldest period whose rows are all past their time."""
    for period in books.periods.all():
        kept = kept_seconds[period.tier.view]
        if period.end_at + kept <= now and is_folded(books, period):
            return period
    return None


def oldest(books: Books, now: float) -> Period | None:
    """The period to evict first: the one that ended first. Those still written to are kept."""
    over = [p for p in books.periods.all() if p.end_at <= now and is_folded(books, p)]
    return min(over, key=lambda period: period.end_at, default=None)


def is_folded(books: Books, period: Period) -> bool:
    """Whether a raw period lives on in both rollups; others need not."""
    return period.tier is not RAW or all(
        (books.marks.of(tier) or 0) >= period.end_at for tier in ROLLED_TIERS
    )


def drop(database: Database, control: Control, books: Books, period: Period) -> None:
    """Drop a period, and with the last of a series the series itself."""
    control.retire(period.table, period.first_at if period.tier is RAW else None)
    gone: list[int] = []
    with database.transaction() as connection:
        books.periods.drop(connection, period)
        if period.tier is TEN_MINUTES:
            gone = _remove_series_without_rows(connection)
    books.series.forget(gone)
    if gone:
        control.forget_series(gone)


def _remove_series_without_rows(connection: duckdb.DuckDBPyConnection) -> list[int]:
    rows = connection.execute("""
        DELETE FROM series WHERE id NOT IN (
            SELECT DISTINCT series_id FROM samples
            UNION SELECT DISTINCT series_id FROM samples_1m
            UNION SELECT DISTINCT series_id FROM samples_10m)
        RETURNING id
    """).fetchall()
    return [number for (number,) in rows]
