"""Opening control.sqlite3, and making it anew from what can be read when it is damaged."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from data.control import ROWS, Control, insert, is_intact
from data.ops.quarantine import Quarantine
from models.errors import StoreDamaged

REBUILT = "rebuilt"
"""Stands in the state of a control made anew, until what it lacks is taken from DuckDB."""


def open_control(path: Path, quarantine: Quarantine) -> tuple[Control, bool]:
    """The open control file, and whether it had to be made anew.

    Raises StoreFull, StoreError.
    """
    unfinished, complete = (path.with_name(path.name + end) for end in (".making", ".made"))
    _remove(unfinished)
    if complete.exists():
        _put_in_place(complete, path)
    try:
        control = Control.open(path)
    except StoreDamaged as error:
        for file in _files_of(path):
            quarantine.copy(file, str(error))
        _make_anew(unfinished, intact_rows(path))
        unfinished.rename(complete)
        _put_in_place(complete, path)
        control = Control.open(path)
    return control, control.state(REBUILT) is not None


def intact_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Rows that can be read and are as they were written, by table, without their checksums."""
    kept: dict[str, list[tuple[object, ...]]] = {table: [] for table in ROWS}
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
        for table, rows in kept.items():
            with suppress(sqlite3.Error):
                for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 own names
                    if is_intact(row) and len(row) == len(ROWS[table]._fields) + 1:
                        rows.append(row[:-1])
    return kept


def _make_anew(path: Path, kept: dict[str, list[tuple[object, ...]]]) -> None:
    control = Control.open(path)
    try:
        with control.transaction() as connection:
            for table, rows in kept.items():
                insert(connection, table, rows)
        control.set_state(REBUILT, "1")
    finally:
        control.close()


def _put_in_place(complete: Path, path: Path) -> None:
    # The log of the damaged file goes first: beside the new one it would be taken for its own.
    for file in _files_of(path)[1:]:
        file.unlink(missing_ok=True)
    complete.replace(path)


def _files_of(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]


def _remove(path: Path) -> None:
    for file in _files_of(path):
        file.unlink(missing_ok=True)
