"""What is no number: runs of workflows, things with a name, jobs out of the ledger.

Rows are replaced by what makes them one, so storing a batch twice changes nothing. They live as
long as the coarsest history. DELETE leaves their blocks to later rows; the file need not shrink.
"""

# ruff: noqa: S608  Names of tables and columns are constants of this file.

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import duckdb

from models.monitoring import Execution, Record, Thing
from models.tiers import TEN_MINUTES

Connection = duckdb.DuckDBPyConnection
Cell = str | float | int | None

KEPT_SECONDS = TEN_MINUTES.kept_seconds
MOMENT = "to_timestamp((r ->> {})::DOUBLE)"
TEXT = "coalesce(r ->> {}, '')"


class Table(NamedTuple):
    """`identity` makes two rows one; `columns` maps each column to the SQL of its value."""

    name: str
    identity: tuple[str, ...]
    columns: dict[str, str]
    aged_by: str


def table_of(title: str, identity: tuple[str, ...], aged_by: str, /, **kinds: str) -> Table:
    columns = {column: kind.format(n) for n, (column, kind) in enumerate(kinds.items())}
    return Table(title, identity, columns, aged_by)


EXECUTIONS = table_of(
    "executions",
    ("source", "execution_id"),
    "seen_at",
    source=TEXT,
    workflow_id=TEXT,
    execution_id=TEXT,
    status=TEXT,
    mode=TEXT,
    queued_at=MOMENT,
    started_at=MOMENT,
    stopped_at=MOMENT,
    seen_at=MOMENT,
    retry_of=TEXT,
    error=TEXT,
    key=TEXT,
)
THINGS = table_of(
    "things",
    ("kind", "source", "id"),
    "seen_at",
    kind=TEXT,
    source=TEXT,
    id=TEXT,
    name=TEXT,
    detail=TEXT,
    seen_at=MOMENT,
)
JOBS = table_of(
    "jobs",
    ("job_id",),
    "coalesce(ended_at, started_at, queued_at)",
    job_id=TEXT,
    parent_id=TEXT,
    name=TEXT,
    stage=TEXT,
    key=TEXT,
    host=TEXT,
    state=TEXT,
    queued_at=MOMENT,
    started_at=MOMENT,
    ended_at=MOMENT,
    duration_seconds="(r ->> {})::DOUBLE",
    error=TEXT,
    seq="(r ->> {})::BIGINT",
)
TABLES = (EXECUTIONS, THINGS, JOBS)


def store_records(connection: Connection, records: Sequence[Record]) -> None:
    """In a transaction. Of two states of one thing in the batch the later one counts."""
    replace(connection, EXECUTIONS, [r for r in records if isinstance(r, Execution)])
    replace(connection, THINGS, [r for r in records if isinstance(r, Thing)])


def replace(connection: Connection, table: Table, rows: Sequence[Sequence[Cell]]) -> None:
    """Insert rows whose cells stand in the order of the table's columns, instead of older ones."""
    places = [list(table.columns).index(name) for name in table.identity]
    newest = {tuple(row[place] for place in places): _storable(row) for row in rows}
    if not newest:
        return
    batch = "FROM (SELECT unnest(from_json(?::JSON, '[\"JSON\"]')) AS r)"
    same = " AND ".join(f"{table.name}.{name} = batch.{name}" for name in table.identity)
    identity = ", ".join(f"{table.columns[name]} AS {name}" for name in table.identity)
    text = json.dumps(list(newest.values()))
    connection.execute(
        f"DELETE FROM {table.name} USING (SELECT {identity} {batch}) AS batch WHERE {same}", [text]
    )
    connection.execute(
        f"INSERT INTO {table.name} SELECT {', '.join(table.columns.values())} {batch}", [text]
    )


def watermark(connection: Connection, source: str) -> int:
    """How far `source` was read; 0 before the first."""
    row = connection.execute("SELECT watermark FROM folds WHERE source = ?", [source]).fetchone()
    return int(row[0]) if row else 0


def move_watermark(connection: Connection, source: str, to: int) -> None:
    connection.execute("DELETE FROM folds WHERE source = ?", [source])
    connection.execute("INSERT INTO folds VALUES (?, ?)", [source, to])


def forget_watermarks(connection: Connection) -> None:
    """After damage: what may be missing is read again, from the beginning."""
    connection.execute("DELETE FROM folds")


def forget_old(connection: Connection, now: float) -> None:
    """Drop what is past its time. In a transaction."""
    before = datetime.fromtimestamp(now - KEPT_SECONDS, UTC)
    for kept in TABLES:
        connection.execute(f"DELETE FROM {kept.name} WHERE {kept.aged_by} < ?", [before])


def _storable(row: Iterable[Cell]) -> list[Cell]:
    """Texts as valid UTF-8 without zero bytes: one bad name must not refuse its whole batch."""
    return [
        cell.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
        if isinstance(cell, str)
        else cell
        for cell in row
    ]
