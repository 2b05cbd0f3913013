"""What a row of control.sqlite3 is; each carries a checksum, since SQLite keeps none."""

# ruff: noqa: S608  The names of tables in SQL are constants of this package.

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.alerts.kept import KeptAlert, KeptMessage
from models.audit import AuditHead, AuditRow
from models.beats import Beat
from models.budget.kept import Stop, Told
from models.budget.kept_months import KeptClose, KeptPlan
from models.budget.overrides import Override
from models.demand.kept import KeptRecipe, Prediction
from models.fence.kept import FenceRow
from models.machines import Machine, Pushed
from models.operations import Operation, Undone
from models.requests.kept import KeptRequest, StandingOrder
from models.requests.nonces import Nonce
from models.sessions import Link, Person, Session
from models.waiting.item import WaitingItem
from models.wanted import Wanted


class Flush(NamedTuple):
    """Rows that were committed together, all of one UTC day; times are UTC epoch seconds."""

    seq: int
    row_count: int
    first_at: int
    last_at: int
    rows_lost: int = 0


class FlushDay(NamedTuple):
    """Sum of the flushes of a UTC day (epoch seconds of its start) whose rows are dropped."""

    day_at: int
    flushes: int
    row_count: int
    rows_lost: int
    first_seq: int
    last_seq: int


class Loss(NamedTuple):
    """Rows that were acknowledged and are gone.

    Raw rows are named by the flushes `first_seq`..`last_seq` that brought them; rows of a
    rollup table have none. `quarantine` is the folder of the damaged files, or "".
    """

    found_at: int
    table_name: str
    first_seq: int | None
    last_seq: int | None
    rows_lost: int
    first_at: int
    last_at: int
    cause: str
    quarantine: str


class PeriodRows(NamedTuple):
    """How many rows a table held when it was last counted."""

    table_name: str
    row_count: int
    first_at: int
    end_at: int


class SeriesRow(NamedTuple):
    """A row of DuckDB's table `series`, kept twice: without it, no sample has a name."""

    id: int
    machine: str
    name: str
    unit: str
    labels: str
    created_at: int


KeptRow = (
    Flush
    | FlushDay
    | Loss
    | PeriodRows
    | SeriesRow
    | Machine
    | Pushed
    | Beat
    | Override
    | Told
    | Stop
    | Wanted
    | Operation
    | Undone
    | KeptRecipe
    | Prediction
    | KeptRequest
    | Nonce
    | StandingOrder
    | AuditRow
    | AuditHead
    | KeptAlert
    | KeptMessage
    | Person
    | Link
    | Session
    | FenceRow
    | WaitingItem
    | KeptClose
    | KeptPlan
)

ROWS: dict[str, type[KeptRow]] = {
    "flushes": Flush,
    "flush_days": FlushDay,
    "losses": Loss,
    "period_rows": PeriodRows,
    "series": SeriesRow,
    "machines": Machine,
    "pushes": Pushed,
    "beats": Beat,
    "overrides": Override,
    "budget_told": Told,
    "budget_stops": Stop,
    "wanted": Wanted,
    "stops": Operation,
    "nonces": Nonce,
    "requests": KeptRequest,
    "standing_orders": StandingOrder,
    "audit": AuditRow,
    "audit_head": AuditHead,
    "alerts": KeptAlert,
    "messages": KeptMessage,
    "people": Person,
    "links": Link,
    "sessions": Session,
    "fences": FenceRow,
    "waiting": WaitingItem,
    "month_closes": KeptClose,
    "month_plans": KeptPlan,
    "undone": Undone,
    "recipes": KeptRecipe,
    "predictions": Prediction,
}
"""Tables whose rows carry a checksum, and what a row is.

Only these are carried over when a damaged file is made anew (`data/ops/control_opening.py`).
"""


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Insert or replace rows with their checksums. In a transaction."""
    for row in rows:
        marks = ", ".join("?" * (len(row) + 1))
        sql = f"INSERT OR REPLACE INTO {table} VALUES ({marks})"
        connection.execute(sql, [*row, checksum_of(row)])


def checksum_of(row: Sequence[object]) -> int:
    return zlib.crc32(repr(tuple(row)).encode())


def is_intact(row: Sequence[object]) -> bool:
    """Whether the last column of a row is the checksum of the others."""
    return bool(row[-1] == checksum_of(row[:-1]))
