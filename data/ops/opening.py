"""The start-up ladder."""

from dataclasses import dataclass

from data.control import Control
from data.home import Home
from data.locks import FileLock
from data.ops.connection import open_for_writing
from data.ops.database import Database
from data.ops.report import OpenReport, StoreLimits
from data.ops.schema import migrate
from models.errors import StoreLocked


@dataclass(frozen=True, slots=True)
class Opened:
    """All that an open store holds."""

    database: Database
    control: Control
    lock: FileLock
    report: OpenReport
    seq: int
    last_seen: float | None

    def close(self) -> None:
        self.database.close()
        self.control.close()
        self.lock.release()


def open_store(home: Home, limits: StoreLimits, now: float) -> Opened:  # noqa: ARG001 the ladder follows
    lock = FileLock(home.lock)
    if not lock.acquire():
        raise StoreLocked(f"{home.path}: another agent holds it.")
    control = Control.open(home.control)
    connection = open_for_writing(home.ops)
    migrate(connection, now)
    return Opened(
        Database(home.ops, connection), control, lock, OpenReport(), control.last_seq(), None
    )
