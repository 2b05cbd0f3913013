"""Looking at somebody else's SQLite file: read-only, without a trace in its folder.

A write-ahead log is used only where its writer has it open: opening one anew would make files of
our own that the writer may not use. Where no writer has it open, the file is read as it lies.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from models.errors import SourceError, SourceRefused, SourceUnreachable
from models.messages import Message, say
from models.redaction import redact

CANNOT_OPEN = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class Contents(NamedTuple):
    pages: int
    page_bytes: int
    free_pages: int
    journal: str


def look(source: str, path: Path, wait_seconds: float) -> Contents:
    """Raises SourceRefused or SourceUnreachable with what stands in the way, naming `source`.

    `wait_seconds` is how long a writer's lock is waited for.
    """
    try:
        return _contents(path, "mode=ro&readonly_shm=1", wait_seconds)
    except sqlite3.Error as error:
        if _primary(error) not in CANNOT_OPEN or not _has_no_writer(path):
            raise _trouble(source, path, error) from error
    try:
        contents = _contents(path, "mode=ro&immutable=1", wait_seconds)
    except sqlite3.Error as error:
        raise _trouble(source, path, error) from error
    # Read as it lies it does not say so itself.
    return contents._replace(journal="wal")


def _contents(path: Path, how: str, wait_seconds: float) -> Contents:
    with closing(
        sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, timeout=wait_seconds)
    ) as connection:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
        pages, page_bytes, free_pages, journal = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "page_size", "freelist_count", "journal_mode")
        )
    return Contents(int(pages), int(page_bytes), int(free_pages), str(journal))


def _has_no_writer(path: Path) -> bool:
    """Whoever has a write-ahead log open keeps its index beside it."""
    return not path.with_name(f"{path.name}-shm").exists()


def _primary(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _trouble(source: str, path: Path, error: sqlite3.Error) -> SourceError:
    code = _primary(error)
    if code in LOCKED:
        return SourceUnreachable(
            source,
            say(
                "{path} is locked by a program that writes to it; it is looked at again at the "
                "next reading",
                path=str(path),
            ),
        )
    return SourceRefused(source, _reason(path, code, str(error)))


def _reason(path: Path, code: int, text: str) -> Message:
    if code == sqlite3.SQLITE_NOTADB:
        return say(
            "{path} is no SQLite database, or it is encrypted; name another file in path",
            path=str(path),
        )
    if code == sqlite3.SQLITE_CORRUPT:
        return say(
            "{path} is damaged ({text}); stop what writes to it, look at it with "
            '`sqlite3 {path} "PRAGMA integrity_check"`, and put back a backup',
            path=str(path),
            text=redact(text),
        )
    if code in CANNOT_OPEN:
        return say(
            "{path} cannot be opened ({text}); let this program read the file and the files "
            "beside it that end in -wal and -shm, or let a program that was killed while it "
            "wrote open it again",
            path=str(path),
            text=redact(text),
        )
    return say("{path} cannot be read: {text}", path=str(path), text=redact(text))
