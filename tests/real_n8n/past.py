"""Moving what a real n8n did back in time, in its own database: days that no test can wait for.

Only moments are changed, and rows copied: each copy is what n8n wrote about a real execution.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

MOMENTS = ("createdAt", "startedAt", "stoppedAt")


@contextmanager
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    path = folder / ".n8n" / "database.sqlite"
    with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        yield connection


def repeat(folder: Path, execution_id: str, began: Iterable[float]) -> None:
    """Copy an execution to other times, as if the same had happened then (UTC epoch seconds).

    The copies follow it: n8n numbers what happens, so an order in time is one by number.
    """
    with database(folder) as connection:
        row = connection.execute("SELECT * FROM execution_entity WHERE id = ?", (execution_id,))
        names = [column[0] for column in row.description]
        original = dict(zip(names, row.fetchone(), strict=True))
        for number, moment in enumerate(began, int(execution_id) + 1):
            copy = {**original, "id": number, **dict.fromkeys(MOMENTS, _text(moment))}
            marks = ", ".join("?" * len(copy))
            columns = ", ".join(f'"{name}"' for name in copy)
            connection.execute(
                f"INSERT INTO execution_entity ({columns}) VALUES ({marks})",  # noqa: S608
                list(copy.values()),
            )


def move(folder: Path, execution_id: str, moment: float) -> None:
    """Let an execution have begun at that moment, and ended at once if it has ended."""
    with database(folder) as connection:
        connection.execute(
            "UPDATE execution_entity SET createdAt = :moment, startedAt = :moment, "
            "stoppedAt = CASE WHEN stoppedAt IS NULL THEN NULL ELSE :moment END WHERE id = :id",
            {"moment": _text(moment), "id": execution_id},
        )


def _text(moment: float) -> str:
    """As n8n writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
