"""The folder of the ledger and its file: who makes them, and who may write.

SQLite keeps its WAL beside the file, so who writes the file must be able to make files there; and
the home, where all else stands, must stay closed to the programs.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

NAME = "ledger"
PRIVATE, SHARED = 0o700, 0o2770
FILE_PRIVATE, FILE_SHARED = 0o600, 0o660
PASSABLE = (0o710, 0o711)
"""Rights of a home that others pass through and cannot list: that of a service."""


def make_folder(folder: str) -> None:
    """Make the folder that a home has for its ledger, if it is missing; any other is never made.

    Raises OSError, above all when the home is not there or belongs to somebody else.
    """
    if os.path.basename(folder) != NAME or os.path.isdir(folder):  # noqa: PTH112, PTH119
        return
    home = os.stat(os.path.dirname(folder))  # noqa: PTH116, PTH120
    try:
        os.mkdir(folder, PRIVATE)  # noqa: PTH102
    except FileExistsError:  # Another process came first.
        return
    if os.geteuid() == 0:
        os.chown(folder, home.st_uid, home.st_gid)
    if stat.S_IMODE(home.st_mode) in PASSABLE:
        _let_writers_in(folder, home.st_uid)


def _let_writers_in(folder: str, owner: int) -> None:
    """To the group of its owner. The agent's unit forbids that: there the installer made it."""
    import pwd

    # In this order: with the group of the home, it would be opened to those who may only read.
    with suppress(OSError, KeyError):
        os.chown(folder, -1, pwd.getpwuid(owner).pw_gid)
        os.chmod(folder, SHARED)  # noqa: PTH101


def make_file(path: str) -> None:
    """Make it when there is none, with its rights whatever the umask; SQLite copies them to -wal.

    The file is never opened here when it exists: closing it would drop the locks that a
    connection of this process holds on it.
    """
    place = os.path.dirname(path) or "."  # noqa: PTH120
    make_folder(place)
    folder = os.stat(place)  # noqa: PTH116
    shared = folder.st_mode & stat.S_IWGRP and folder.st_mode & stat.S_ISGID
    rights = FILE_SHARED if shared else FILE_PRIVATE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_PRIVATE)
    except FileExistsError:
        if shared and os.path.islink(path):  # noqa: PTH114
            # Of whoever is in the group it could lead to any file of the agent's.
            raise OSError(errno.ELOOP, "it is a link in a folder that a group may write") from None
        _mend_rights(path, rights)
        return
    try:
        if os.geteuid() == 0:
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
        os.fchmod(descriptor, rights)
    finally:
        os.close(descriptor)


def _mend_rights(path: str, rights: int) -> None:
    """Its maker may have been killed before the rights were set, or the folder was opened since."""
    for name in (path, f"{path}-wal", f"{path}-shm"):
        with suppress(OSError):
            known = os.lstat(name)
            # Where a group may write, a link that one of them made is not followed.
            ours = known.st_uid == os.geteuid() and stat.S_ISREG(known.st_mode)
            if ours and stat.S_IMODE(known.st_mode) != rights:
                os.chmod(name, rights)  # noqa: PTH101
