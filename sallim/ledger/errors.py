"""What can be wrong with a ledger, cut by what the catcher does next.

LedgerError
    LedgerBusy
    LedgerDamaged
    ArchiveDamaged
"""

from __future__ import annotations

import os
import sqlite3


class LedgerError(Exception):
    """It cannot be read or written; the message says what a person can do."""


class LedgerBusy(LedgerError):
    """Another process is writing. Worth another try."""


class LedgerDamaged(LedgerError):
    """The file is no database, or a page of it is broken."""


class ArchiveDamaged(LedgerError):
    """A month's file of archived calls is cut or changed; the ledger itself is whole."""


def ledger_error(path: str, error: sqlite3.Error | OSError) -> LedgerError:
    """The sentence for an error of SQLite or of the file system.

    By its text: the code of an error is told only from Python 3.11 on.
    """
    text = str(error)
    folder = os.path.dirname(path) or "."  # noqa: PTH120 pathlib costs the owner's programs 5 ms
    if "locked" in text:
        return LedgerBusy(
            f"{path}: another process has been writing for too long. Look who has it open with "
            f"`fuser -v {path}`."
        )
    if "malformed" in text or "not a database" in text:
        return LedgerDamaged(
            f"{path}: the file is damaged ({text}). Move it away with `mv {path} {path}.damaged; "
            f"rm -f {path}-wal {path}-shm`; a new one is made by itself."
        )
    if "is full" in text or "No space left" in text or _has_no_room(folder):
        return LedgerError(f"{path}: the disk is full. Make room on it; see `df -h {folder}`.")
    if isinstance(error, FileNotFoundError):
        return LedgerError(
            f"{path}: the folder is not there. Make it with `mkdir -p {folder}`; or set "
            "SALLIM_HOME to the home of the agent, which `python -m agent status` names."
        )
    if "readonly" in text or "unable to open" in text or isinstance(error, PermissionError):
        return LedgerError(
            f"{path}: this user may not write it ({text}). The file and its folder must be "
            f"writable, see `ls -la {folder}`; as a service, add the user to the group sallim "
            "with `sudo usermod -aG sallim USER` and sign in again."
        )
    return LedgerError(f"{path}: {text or type(error).__name__}. Look at it with `ls -la {path}`.")


def _has_no_room(folder: str) -> bool:
    """SQLite calls it an I/O error when it finds no room for its shared memory."""
    try:
        return os.statvfs(folder).f_bavail == 0
    except OSError:
        return False
