"""The only place that calls `duckdb.connect`: how the store's file is opened, and by whom.

One process may write, and while it does nobody else may even read (see docs/adr/0001).
Settings go by `SET GLOBAL`, since a plain SET does not reach the cursors of a connection.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from data.home import Home
from data.locks import shared
from models.errors import StoreDamaged, StoreError, StoreFull, StoreLocked

MEMORY_LIMIT_AGENT = "48MB"
MEMORY_LIMIT_READER = "256MB"
READER_PATIENCE_SECONDS = 2.0
RETRY_SECONDS = 0.05
BLOCK_BYTES = 65_536
"""Of a new file; an older one keeps its own. Every column that was written to since the last
checkpoint holds a block of memory (docs/adr/0015)."""

Settings = dict[str, str | bool | int | float | list[str]]


def open_for_writing(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the store as its owner; makes the file when there is none. Raises duckdb.Error."""
    return _locked_down(duckdb.connect(str(path), config=_settings(path, MEMORY_LIMIT_AGENT)))


def open_for_looking(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a file without changing a byte of it or of its WAL. Raises duckdb.Error."""
    settings = _settings(path, MEMORY_LIMIT_AGENT)
    return _locked_down(duckdb.connect(str(path), read_only=True, config=settings))


def open_for_salvage(path: Path, damaged: Path) -> duckdb.DuckDBPyConnection:
    """Open a new file, with the damaged one attached read-only under the name `damaged`."""
    connection = duckdb.connect(str(path), config=_settings(path, MEMORY_LIMIT_AGENT))
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        quoted = str(damaged).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS damaged (READ_ONLY)")
    except duckdb.Error:
        connection.close()
        raise
    return connection


@contextmanager
def open_for_reading(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the store read-only for ONE query, when no agent runs, and close it at once.

    An open reader would keep a starting agent out, so this keeps away while the agent holds
    `home.starting`, and a starting agent waits for those who read. Raises StoreLocked when an
    agent owns the file for longer than two seconds, StoreError when it cannot be read.
    """
    until = time.monotonic() + READER_PATIENCE_SECONDS
    with shared(home.starting, READER_PATIENCE_SECONDS) as free:
        if not free:
            raise StoreLocked(f"{home.ops}: the agent is just opening it. Ask again in a moment.")
        connection = _connect_reader(home.ops, until)
        try:
            yield connection
        finally:
            connection.close()


def _connect_reader(path: Path, until: float) -> duckdb.DuckDBPyConnection:
    if not path.exists():
        raise StoreError(f"{path}: there is no store yet. Start the agent once: it makes one.")
    while True:
        try:
            settings = _settings(path, MEMORY_LIMIT_READER)
            return _locked_down(duckdb.connect(str(path), read_only=True, config=settings))
        except duckdb.Error as error:
            if not is_lock_conflict(error):
                raise StoreError(
                    f"{path}: cannot be read ({first_line(error)}). Start the agent: it repairs "
                    "what can be repaired and says what was lost."
                ) from error
            if time.monotonic() >= until:
                raise StoreLocked(
                    f"{path}: a running agent owns it. Ask the agent through its socket."
                ) from error
            time.sleep(RETRY_SECONDS)


def _settings(path: Path, memory_limit: str) -> Settings:
    return {
        "memory_limit": memory_limit,
        "threads": 1,
        "wal_autocheckpoint": "1MB",
        "default_block_size": BLOCK_BYTES,
        "temp_directory": str(temporary_folder(path)),
        "max_temp_directory_size": "2GB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # Otherwise a table name in a query may mean a Python variable of whoever calls.
        "python_enable_replacements": False,
    }


def _locked_down(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute("SET GLOBAL enable_external_access = false")
        connection.execute("SET GLOBAL lock_configuration = true")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def temporary_folder(path: Path) -> Path:
    """Where sorting spills; emptied at every opening."""
    return path.with_name(path.name + ".tmp")


def wal_of(path: Path) -> Path:
    """The write-ahead log that belongs to a DuckDB file."""
    return path.with_name(path.name + ".wal")


def is_lock_conflict(error: duckdb.Error) -> bool:
    return "Could not set lock on file" in str(error)


def is_disk_full(error: BaseException) -> bool:
    text = str(error)
    return "No space left on device" in text or "Disk quota exceeded" in text


def told_apart(path: Path, error: duckdb.Error) -> StoreError:
    """The error of ours that an error of DuckDB means for whoever writes."""
    if is_disk_full(error):
        return StoreFull(f"{path}: the disk is full. Make room on it.")
    if is_damage(error):
        return StoreDamaged(
            f"{path}: a part of it is damaged ({first_line(error)}). Restart the agent: it "
            "repairs what can be repaired and says what was lost."
        )
    return StoreError(
        f"{path}: cannot be written ({first_line(error)}). Look at the disk, and at who owns the "
        "folder and its files; then restart the agent."
    )


def is_damage(error: BaseException) -> bool:
    """Whether the file is not as it was written: checksums, short reads, nonsense."""
    text = str(error)
    return isinstance(error, duckdb.InternalException | duckdb.SerializationException) or any(
        sign in text for sign in ("checksum", "Corrupt", "corrupt", "Could not read enough bytes")
    )


def first_line(error: BaseException) -> str:
    """DuckDB adds stack traces and hints below its first line; people need that line."""
    return (str(error).splitlines() or [type(error).__name__])[0]
