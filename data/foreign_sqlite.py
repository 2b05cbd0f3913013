"""Looking at a SQLite file of somebody else's: it is never written, locked for long or added to.

What opens a file in WAL mode makes its -wal and -shm where they are missing, also with `mode=ro`,
and leaves them behind: as files of the agent's user, which the owner's program then cannot write.
So the ways to open it are tried from the harmless end:

`nolock=1`        SQLite refuses it for a file in WAL mode and makes nothing: that tells the mode;
`immutable=1`     takes no lock and makes nothing; sizes as of the last checkpoint;
`readonly_shm=1`  never makes a -shm, but a -wal where there is none.

The file itself is opened by SQLite alone: whoever closes a plain handle loses every POSIX lock that
the process holds on the file, and it may be one that the agent has open.
"""

import os
import pwd
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from models.errors import SourceRefused, SourceUnreachable
from models.messages import Message, say

BUSY, CANTOPEN, CORRUPT, NOTADB = 5, 14, 11, 26
HOT_JOURNAL = "SQLITE_READONLY_ROLLBACK"


class Facts(NamedTuple):
    """None where it could not be read; `trouble` says why. `read_seconds` is how long a program
    waits for its first row: opening, locking and reading the schema.
    """

    size_bytes: int
    wal_bytes: int
    disk_free_bytes: int
    journal: str
    pages: int | None = None
    free_pages: int | None = None
    read_seconds: float | None = None
    trouble: Message | None = None

    @property
    def free_share(self) -> float | None:
        """Of the file: empty pages, which VACUUM would give back. An empty file has none."""
        if self.pages is None or self.free_pages is None:
            return None
        return self.free_pages / self.pages if self.pages else 0.0


class _Pages(NamedTuple):
    pages: int
    free_pages: int


def look(source: str, path: Path, lock_wait_seconds: float, clock: Callable[[], float]) -> Facts:
    """`clock` is a monotonic one. Raises SourceError where there is no file to look at."""
    size_bytes = _size(source, path)
    wal_bytes = _size_of_wal(path)
    room = os.statvfs(path)
    facts = Facts(size_bytes, wal_bytes or 0, room.f_bavail * room.f_frsize, journal="delete")
    try:
        if wal_bytes is None:
            if not _is_wal(path):
                return _read(facts, path, "readonly_shm=1", lock_wait_seconds, clock)
            # Nobody has it open: all of it stands in the file.
            return _read(facts._replace(journal="wal"), path, "immutable=1", 0.0, clock)
        facts = facts._replace(journal="wal")
        if _would_leave_files(path):
            return _sizes_only(facts, path)._replace(trouble=_too_open(path))
        return _read(facts, path, "readonly_shm=1", lock_wait_seconds, clock)
    except sqlite3.Error as error:
        return _after(error, source, facts, path)


def _size(source: str, path: Path) -> int:
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise SourceUnreachable(
            source,
            say(
                "{path} does not exist; set path in its [[sqlite]] to where the program keeps it",
                path=str(path),
            ),
        ) from error
    except PermissionError as error:
        raise SourceRefused(source, _no_way_to(path)) from error
    except OSError as error:
        raise SourceUnreachable(
            source,
            say("{path} cannot be read: {reason}", path=str(path), reason=error.strerror or "?"),
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise SourceRefused(
            source, say("{path} is no file; name the SQLite file itself in path", path=str(path))
        )
    if not os.access(path, os.R_OK):
        raise SourceRefused(
            source,
            say(
                "{user} may not read {path}; allow it with `setfacl -m u:{user}:r {path}`",
                user=_user(),
                path=str(path),
            ),
        )
    return status.st_size


def _size_of_wal(path: Path) -> int | None:
    """None where there is none: nobody has the file open in WAL mode."""
    with suppress(OSError):
        return path.with_name(f"{path.name}-wal").stat().st_size
    return None


def _is_wal(path: Path) -> bool:
    with _opened(path, "nolock=1") as connection:
        try:
            connection.execute("PRAGMA page_count").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == CANTOPEN:
                return True
            raise
    return False


def _would_leave_files(path: Path) -> bool:
    """Whether a -wal that goes away just now would come back as the agent's, closed to its owner.

    SQLite gives what it makes as root to the owner of the file; in a folder that is closed to it
    nothing can be made.
    """
    me = os.geteuid()
    return me not in {0, path.stat().st_uid} and os.access(path.parent, os.W_OK)


def _read(
    facts: Facts, path: Path, how: str, lock_wait_seconds: float, clock: Callable[[], float]
) -> Facts:
    started = clock()
    with _opened(path, how, lock_wait_seconds) as connection:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        read_seconds = clock() - started
        return facts._replace(read_seconds=read_seconds, **_pages(connection)._asdict())


def _sizes_only(facts: Facts, path: Path) -> Facts:
    """While somebody writes, pages of two moments may not fit together: then they are not known."""
    with suppress(sqlite3.DatabaseError), _opened(path, "immutable=1") as connection:
        return facts._replace(**_pages(connection)._asdict())
    return facts


def _pages(connection: sqlite3.Connection) -> _Pages:
    names = ("page_count", "freelist_count")
    return _Pages(*(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names))


@contextmanager
def _opened(path: Path, how: str, wait_seconds: float = 0.0) -> Iterator[sqlite3.Connection]:
    uri = f"file:{quote(str(path))}?mode=ro&{how}"
    with closing(
        sqlite3.connect(uri, uri=True, timeout=wait_seconds, isolation_level=None)
    ) as connection:
        yield connection


def _after(error: sqlite3.Error, source: str, facts: Facts, path: Path) -> Facts:
    """The sizes all the same, where the file is one. Raises SourceRefused where it is none."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == NOTADB:
        reason = say(
            "{path} is no SQLite file, or it is encrypted; name the SQLite file in path",
            path=str(path),
        )
        raise SourceRefused(source, reason) from error
    if code == CORRUPT:
        reason = say(
            "{path} is damaged ({text}); stop its program, look with "
            "`sqlite3 {path} 'PRAGMA integrity_check'`, and put back a backup",
            path=str(path),
            text=str(error),
        )
        raise SourceRefused(source, reason) from error
    facts = _sizes_only(facts, path)
    return facts._replace(trouble=_trouble(error, code, path))


def _trouble(error: sqlite3.Error, code: int, path: Path) -> Message:
    if code == BUSY:
        return say(
            "another program keeps {path} locked; only its size is known. `fuser -v {path}` names "
            "it",
            path=str(path),
        )
    if getattr(error, "sqlite_errorname", "") == HOT_JOURNAL:
        return say(
            "the program of {path} was killed in the middle of a change; start it, and it takes "
            "the half change back",
            path=str(path),
        )
    if code == CANTOPEN:
        return say(
            "{user} may not read {path}-wal or {path}-shm; allow it with "
            "`setfacl -m u:{user}:r {path}-wal {path}-shm` and, for those made later, "
            "`setfacl -d -m u:{user}:r {folder}`",
            user=_user(),
            path=str(path),
            folder=str(path.parent),
        )
    return say("{path} cannot be read: {reason}", path=str(path), reason=str(error))


def _too_open(path: Path) -> Message:
    return say(
        "{user} may write in {folder}, where a look could leave a file that the program of {path} "
        "cannot write; so only sizes are read. Let {user} only read there, for example with "
        "`setfacl -m u:{user}:rx {folder}`",
        user=_user(),
        folder=str(path.parent),
        path=str(path),
    )


def _no_way_to(path: Path) -> Message:
    """The outermost folder that is closed to the agent."""
    folders = reversed(path.parents)
    closed = next((folder for folder in folders if not os.access(folder, os.X_OK)), path)
    return say(
        "{user} may not enter {folder}; allow it with `setfacl -m u:{user}:x {folder}`",
        user=_user(),
        folder=str(closed),
    )


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
