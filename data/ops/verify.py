"""Reading every row of every column, so that every block's checksum is checked.

Questions that are answered from zone maps (min, max, count) would not touch the blocks; a hash
over all columns does. 35 million rows (400 days of 300 series) take about a second.
"""

# ruff: noqa: S608  Names of tables come from the catalog of a file that periods.py wrote.

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from data.control import Flush
from data.ops.connection import open_for_looking
from data.ops.steps import Steps
from models.tiers import RAW, TIERS, Tier

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Findings:
    """What a file holds. `counts`: rows of each seq in the raw tables; `flushes`: its own account
    of them; `dropped`: raw tables that were dropped on purpose.
    """

    rows: int
    counts: dict[int, int]
    flushes: dict[int, Flush]
    dropped: frozenset[str]

    def as_json(self) -> dict[str, object]:
        """Columns, not rows: two days of flushes are 17,280 of them."""
        return {
            "rows": self.rows,
            "counts": [list(self.counts), list(self.counts.values())],
            "flushes": list(zip(*self.flushes.values(), strict=True)),
            "dropped": sorted(self.dropped),
        }

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Findings":
        flushes = (Flush(*row) for row in zip(*said["flushes"], strict=True))
        return cls(
            said["rows"],
            dict(zip(*said["counts"], strict=True)),
            {flush.seq: flush for flush in flushes},
            frozenset(said["dropped"]),
        )


NOTHING = Findings(0, {}, {}, frozenset())


def look(path: Path, steps: Steps) -> Findings:
    """Read all of a file without changing a byte of it. Raises duckdb.Error when it is damaged.

    A file that is damaged in a bad way ends the process: call it through apart.py.
    """
    steps.take(f"opening {path.name}")
    with _closing(open_for_looking(path)) as connection:
        return _read_all(connection, steps)


def _read_all(connection: Connection, steps: Steps) -> Findings:
    """Raises duckdb.Error where a block cannot be read as it was written."""
    tables = tables_of(connection)
    rows = 0
    for table in tables:
        steps.take(f"reading {table}")
        rows += _read(connection, table)
    counts: dict[int, int] = {}
    for table in tables:
        if tier_of(table) is RAW:
            found = connection.execute(f"SELECT seq, count(*) FROM {table} GROUP BY seq")
            counts.update(found.fetchall())
    if "flushes" not in tables:
        return Findings(rows, counts, {}, frozenset())
    flushes = connection.execute("""
        SELECT seq, row_count, epoch(first_at)::BIGINT, epoch(last_at)::BIGINT FROM flushes
    """).fetchall()
    dropped = connection.execute("SELECT table_name FROM drops").fetchall()
    return Findings(
        rows,
        counts,
        {row[0]: Flush(*row) for row in flushes},
        frozenset(table for (table,) in dropped),
    )


def tables_of(connection: Connection, database: str | None = None) -> list[str]:
    name = database or "current_database()"
    wanted = f"'{name}'" if database else name
    rows = connection.execute(
        f"SELECT table_name FROM duckdb_tables() WHERE database_name = {wanted} ORDER BY table_name"
    ).fetchall()
    return [table for (table,) in rows]


def columns_of(connection: Connection, table: str, database: str | None = None) -> list[str]:
    rows = connection.execute(
        """
        SELECT column_name FROM duckdb_columns()
        WHERE table_name = ? AND database_name = coalesce(?, current_database())
        ORDER BY column_index
        """,
        [table, database],
    ).fetchall()
    return [column for (column,) in rows]


def tier_of(table: str) -> Tier | None:
    """The tier a period's table belongs to; None for any other table.

    >>> tier_of("samples_1m_20260131").view, tier_of("series")
    ('samples_1m', None)
    """
    for tier in TIERS:
        if re.fullmatch(rf"{tier.view}_(\d{{6}}|\d{{8}})", table):
            return tier
    return None


def _read(connection: Connection, table: str) -> int:
    columns = ", ".join(columns_of(connection, table))
    row = connection.execute(f"SELECT count(*), bit_xor(hash({columns})) FROM {table}").fetchone()
    assert row is not None, "an aggregate without GROUP BY always returns one row"
    return int(row[0])


@contextmanager
def _closing(connection: Connection) -> Iterator[Connection]:
    try:
        yield connection
    finally:
        connection.close()
