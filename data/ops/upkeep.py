"""What the store does for itself, a little at every tick: rollups, sealing, retention, the cap."""

# ruff: noqa: S608  Names of tables are made by periods.py out of a tier and a date.

from collections.abc import Mapping, Sequence
from contextlib import suppress

import duckdb

from data.control import Control, PeriodRows
from data.ops.books import Books
from data.ops.costs import forget_old_costs
from data.ops.database import Database
from data.ops.demand_tables import forget_old_demand
from data.ops.periods import Period
from data.ops.records import forget_old
from data.ops.report import StoreLimits
from data.ops.retention import ClockGuard, Size, drop, oldest, overdue, size_of
from data.ops.rollups import ROLLED_TIERS, STEPS_MAX, due, is_far_ahead, roll, step_back
from data.ops.sealing import Sealer
from models.tiers import DAY_SECONDS, Tier

CHORES_SECONDS = 60
"""Retention and the cap are looked at once a minute."""


class Upkeep:
    """Holds what is half done between two calls; all of it is safe to forget."""

    def __init__(
        self, database: Database, control: Control, books: Books, last_seen: float | None
    ) -> None:
        self.sealer = Sealer()
        self.size: Size = size_of(database)
        self.periods_evicted = 0
        self._database = database
        self._control = control
        self._books = books
        self._guard = ClockGuard(last_seen)
        self._chores_at = self._forgot_at = 0.0
        self._checkpoint_due = False

    def run(self, now: float, seq: int, limits: StoreLimits) -> None:
        """Everything that is due, in pieces small enough for one tick."""
        for tier in ROLLED_TIERS:
            self._roll(tier, now, seq)
        if abs(now - self._chores_at) >= CHORES_SECONDS:
            self._chores_at = now
            self._drop_overdue(limits.kept_seconds, now)
            self._keep_under(limits.size_max_bytes, now)
            self._forget_records(now)
        else:
            self.sealer.step(self._database, self._books.periods, self._books.marks, now)

    def _roll(self, tier: Tier, now: float, seq: int) -> None:
        books = self._books
        if is_far_ahead(books.marks, tier, now):
            with self._database.transaction() as connection:
                step_back(connection, books.marks, tier, now, seq)
        until = due(books.marks, tier, now)
        if until is None:
            return
        for _ in range(STEPS_MAX):
            with self._database.transaction() as connection:
                more = roll(connection, books.periods, books.marks, tier, until)
            if not more:
                break
        self._note_rows(tier)

    def _drop_overdue(self, kept_seconds: Mapping[str, int], now: float) -> None:
        trusted = self._guard.trusts(now)
        period = overdue(self._books, kept_seconds, now)
        if trusted and period is not None:
            self.sealer.abandon()
            drop(self._database, self._control, self._books, period)

    def _forget_records(self, now: float) -> None:
        """Once a day; a clock that jumped ahead forgets nothing."""
        if now - self._forgot_at >= DAY_SECONDS and self._guard.trusts(now):
            self._forgot_at = now
            with self._database.transaction() as connection:
                forget_old(connection, now)
                forget_old_costs(connection, now)
                forget_old_demand(connection, now)

    def _keep_under(self, size_max_bytes: int, now: float) -> None:
        self.size = size_of(self._database)
        if self.size.used_bytes <= size_max_bytes and not self._checkpoint_due:
            return
        # Blocks of a dropped table are free only after a checkpoint: without one the next look
        # would find the store as large as before and evict again.
        if not self._checkpoint_due:
            period = oldest(self._books, now)
            if period is None:
                return
            self.sealer.abandon()
            drop(self._database, self._control, self._books, period)
            self.periods_evicted += 1
            self._checkpoint_due = True
        with suppress(duckdb.TransactionException):
            self._database.connection.execute("CHECKPOINT")
            self._checkpoint_due = False
            self.size = size_of(self._database)

    def _note_rows(self, tier: Tier) -> None:
        """Tell control how many rows the rollups hold, should their file be damaged later.

        Older tables change only when a row comes late; `note_all_rows` sees to them.
        """
        periods = self._books.periods.of(tier)[-2:]
        self._control.note_period_rows(count_rows(self._database.connection, periods))

    def note_all_rows(self) -> None:
        periods = [period for tier in ROLLED_TIERS for period in self._books.periods.of(tier)]
        self._control.note_period_rows(count_rows(self._database.connection, periods))


def count_rows(
    connection: duckdb.DuckDBPyConnection, periods: Sequence[Period]
) -> list[PeriodRows]:
    """How many rows the tables of periods hold; the counts come from metadata."""
    if not periods:
        return []
    parts = (f"SELECT '{period.table}', count(*) FROM {period.table}" for period in periods)
    counts = dict(connection.execute(" UNION ALL ".join(parts)).fetchall())
    return [
        PeriodRows(period.table, counts[period.table], period.first_at, period.end_at)
        for period in periods
    ]
