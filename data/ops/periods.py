"""One table a period: a UTC day of `samples` and `samples_1m`, a UTC month of `samples_10m`.

Retention drops whole tables, since DELETE does not shrink a DuckDB file. The views `samples`,
`samples_1m` and `samples_10m` are made anew in the transaction that adds or drops a table.
"""

# ruff: noqa: S608  Names of tables are made by periods.py out of a tier and a date.

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from data.ops.schema import empty_view
from models.tiers import DAY_SECONDS, RAW, TEN_MINUTES, TIERS, Tier

DROPS_KEPT_SECONDS = 90 * DAY_SECONDS
COLUMNS = "taken_at, series_id, mean, min, max, n"


@dataclass(frozen=True, slots=True)
class Period:
    """A table of one tier that holds the buckets in [first_at, end_at), UTC epoch seconds."""

    tier: Tier
    name: str
    first_at: int
    end_at: int
    sealed: bool = False

    @property
    def table(self) -> str:
        return f"{self.tier.view}_{self.name}"


def period_of(tier: Tier, epoch_seconds: float) -> Period:
    """The period in which a moment falls.

    >>> period_of(TEN_MINUTES, 1_700_000_000).table
    'samples_10m_202311'
    """
    day = datetime.fromtimestamp(epoch_seconds, UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    if tier is TEN_MINUTES:
        first = day.replace(day=1)
        end = (first + timedelta(days=32)).replace(day=1)
        return Period(tier, f"{first:%Y%m}", int(first.timestamp()), int(end.timestamp()))
    end = day + timedelta(days=1)
    return Period(tier, f"{day:%Y%m%d}", int(day.timestamp()), int(end.timestamp()))


def period_named(tier: Tier, table: str) -> Period:
    """The period of a table by its name.

    >>> period_named(TEN_MINUTES, "samples_10m_202311") == period_of(TEN_MINUTES, 1_700_000_000)
    True
    """
    name = table.removeprefix(f"{tier.view}_")
    first = datetime(int(name[:4]), int(name[4:6]), int(name[6:] or 1), tzinfo=UTC)
    return period_of(tier, first.timestamp())


class PeriodBook:
    """The periods that exist, in memory; `reload` after a transaction was rolled back."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._periods: dict[str, Period] = {}
        self.reload(connection)

    def reload(self, connection: duckdb.DuckDBPyConnection) -> None:
        tiers = {tier.view: tier for tier in TIERS}
        rows = connection.execute("""
            SELECT tier, period, epoch(first_at)::BIGINT, epoch(end_at)::BIGINT, sealed
            FROM periods ORDER BY tier, first_at
        """).fetchall()
        periods = [Period(tiers[view], *rest) for view, *rest in rows]
        self._periods = {period.table: period for period in periods}

    def of(self, tier: Tier) -> list[Period]:
        """Periods of a tier, oldest first."""
        mine = (period for period in self._periods.values() if period.tier is tier)
        return sorted(mine, key=lambda period: period.first_at)

    def all(self) -> list[Period]:
        return [period for tier in TIERS for period in self.of(tier)]

    def existing(self, tier: Tier, epoch_seconds: float) -> Period | None:
        return self._periods.get(period_of(tier, epoch_seconds).table)

    def ensure(
        self, connection: duckdb.DuckDBPyConnection, tier: Tier, epoch_seconds: float
    ) -> Period:
        """The period of a moment; its table is made when there is none. In a transaction."""
        period = period_of(tier, epoch_seconds)
        if period.table in self._periods:
            return self._periods[period.table]
        connection.execute(create_table(period.tier, period.table))
        connection.execute("DELETE FROM drops WHERE table_name = ?", [period.table])
        connection.execute(
            "INSERT INTO periods VALUES (?, ?, ?, to_timestamp(?), to_timestamp(?), false)",
            [tier.view, period.name, period.table, period.first_at, period.end_at],
        )
        self._periods[period.table] = period
        refresh_view(connection, tier, self.of(tier))
        return period

    def drop(self, connection: duckdb.DuckDBPyConnection, period: Period) -> None:
        """Drop the table of a period and, for raw ones, its flushes. In a transaction."""
        connection.execute("DELETE FROM periods WHERE table_name = ?", [period.table])
        del self._periods[period.table]
        refresh_view(connection, period.tier, self.of(period.tier))
        connection.execute(f"DROP TABLE {period.table}")
        connection.execute(
            "INSERT INTO drops VALUES (?, ?, to_timestamp(?))",
            [period.tier.view, period.table, period.end_at],
        )
        connection.execute(
            "DELETE FROM drops WHERE tier = ? AND end_at < to_timestamp(?)",
            [period.tier.view, period.end_at - DROPS_KEPT_SECONDS],
        )
        if period.tier is RAW:
            connection.execute(
                """
                DELETE FROM flushes
                WHERE first_at >= to_timestamp(?) AND first_at < to_timestamp(?)
                """,
                [period.first_at, period.end_at],
            )

    def replace_sealed(
        self, connection: duckdb.DuckDBPyConnection, period: Period, sorted_table: str
    ) -> None:
        """Put a sorted copy in the place of a period's table. In a transaction."""
        connection.execute(empty_view(period.tier.view))
        connection.execute(f"DROP TABLE {period.table}")
        connection.execute(f"ALTER TABLE {sorted_table} RENAME TO {period.table}")
        connection.execute("UPDATE periods SET sealed = true WHERE table_name = ?", [period.table])
        self._periods[period.table] = Period(
            period.tier, period.name, period.first_at, period.end_at, sealed=True
        )
        refresh_view(connection, period.tier, self.of(period.tier))


def create_table(tier: Tier, table: str) -> str:
    # `seq` says which flush brought a raw row, so that losses can be counted exactly.
    seq = ", seq BIGINT NOT NULL" if tier is RAW else ""
    return f"""
        CREATE TABLE {table} (
            taken_at TIMESTAMPTZ NOT NULL, series_id INTEGER NOT NULL, mean FLOAT NOT NULL,
            min FLOAT NOT NULL, max FLOAT NOT NULL, n INTEGER NOT NULL{seq})
    """


def refresh_view(
    connection: duckdb.DuckDBPyConnection, tier: Tier, periods: Iterable[Period]
) -> None:
    tables = [period.table for period in periods]
    if not tables:
        connection.execute(empty_view(tier.view))
        return
    parts = " UNION ALL ".join(f"SELECT {COLUMNS} FROM {table}" for table in tables)
    connection.execute(f"CREATE OR REPLACE VIEW {tier.view} AS {parts}")
