"""Opening control.sqlite3, and making it anew from what can be read when it is damaged."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from data.control import ROWS, Control, insert, is_intact
from data.ops.quarantine import Quarantine
from models.errors import StoreDamaged


def open_control(path: Path, quarantine: Quarantine) -> tuple[Control, bool]:
    """The open control file, and whether it had to be made anew.

    Raises StoreFull, StoreError.
    """
    try:
        return Control.open(path), False
    except StoreDamaged as error:
        reason = str(error)
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]
    for file in files:
        if file.exists():
            quarantine.copy(file, reason)
    kept = intact_rows(path)
    for file in files:
        file.unlink(missing_ok=True)
    control = Control.open(path)
    with control.transaction() as connection:
        for table, rows in kept.items():
            insert(connection, table, (row[:-1] for row in rows))
    return control, True


def intact_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Rows that can be read and are as they were written, by table."""
    kept: dict[str, list[tuple[object, ...]]] = {table: [] for table in ROWS}
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
        for table, rows in kept.items():
            with suppress(sqlite3.Error):
                for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 own names
                    if is_intact(row) and len(row) == len(ROWS[table]._fields) + 1:
                        rows.append(row)
    return kept
