"""The folder of the ledger. SQLite keeps its WAL beside the file, so who writes the file must be
able to make files there; and the home, where all else stands, must stay closed to the programs.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

NAME = "ledger"
PRIVATE, SHARED = 0o700, 0o2770
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
