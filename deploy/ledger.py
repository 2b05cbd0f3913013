"""The folder of the ledger: open to the owner's programs, copied, and never turned back.

Those programs write even while Sallim is stopped, and a call that was paid must not be forgotten.
They may also put anything into that folder, links too: root touches only the files of the ledger
by their names, and never by way of a link.
"""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from deploy.files import copy_entry, copy_owner, remove

LEDGER = "ledger.sqlite3"
FILES = (f"{LEDGER}-wal", f"{LEDGER}-shm", LEDGER)
"""The ledger itself comes last: whoever finds it finds what belongs to it."""
FOLDER_MODE, FILE_MODE = 0o2770, 0o660
SAME = -1


def open_to_writers(folder: Path, user: int = SAME, group: int = SAME) -> None:
    """Make the folder, or give the one that is there its owner and its rights."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _hand_over(descriptor, user, group, FOLDER_MODE)
        for name in FILES:
            _open_file(name, descriptor, user, group)
    finally:
        os.close(descriptor)


def _open_file(name: str, folder: int, user: int, group: int) -> None:
    # A link is an OSError too; a pipe must not make us wait for its other end.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(name, flags, dir_fd=folder)
    except OSError:
        return
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            _hand_over(descriptor, user, group, FILE_MODE)
    finally:
        os.close(descriptor)


def _hand_over(descriptor: int, user: int, group: int, mode: int) -> None:
    """Owner first: a change of it may take bits away from the rights."""
    os.fchown(descriptor, user, group)
    os.fchmod(descriptor, mode)


def copy_ledger(folder: Path, target: Path) -> None:
    """Copy what is committed, while others may write; a damaged ledger as it is."""
    if not _is(stat.S_ISDIR, folder):
        return
    _like(folder, target)
    ledger = folder / LEDGER
    if _is(stat.S_ISREG, ledger) and _snapshot(ledger, target / LEDGER):
        return
    for name in FILES:
        if _is(stat.S_ISREG, folder / name):
            copy_entry(folder / name, target / name)


def put_back_ledger(source: Path, folder: Path, aside: Path) -> None:
    """Only where there is none any more; one that a program makes meanwhile stays."""
    if not source.is_dir() or os.path.lexists(folder / LEDGER):
        return
    if not os.path.lexists(folder):
        _like(source, folder)
    for name in FILES:
        # A WAL without its ledger: SQLite would read it into the one that is put back.
        if os.path.lexists(folder / name):
            shutil.move(folder / name, aside / name)
    for name in FILES:
        if (source / name).exists():
            arriving = folder.parent / f".arriving-{name}"
            remove(arriving)
            copy_entry(source / name, arriving)
            with suppress(FileExistsError):
                (folder / name).hardlink_to(arriving)
            arriving.unlink()


def _like(folder: Path, new: Path) -> None:
    new.mkdir(mode=0o700)
    copy_owner(folder, new)
    new.chmod(stat.S_IMODE(folder.stat().st_mode))


def _snapshot(source: Path, target: Path) -> bool:
    """Copy what is committed, WAL included, while others may write; False: it is damaged.

    Read-only: SQLite deletes the WAL of a damaged file that it may write to.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.DatabaseError:
        remove(target)
        return False
    target.chmod(stat.S_IMODE(source.stat().st_mode))
    copy_owner(source, target)
    return True


def _is(kind: Callable[[int], bool], path: Path) -> bool:
    """Of that kind itself, and not a link to one."""
    try:
        return kind(path.lstat().st_mode)
    except OSError:
        return False
