"""The users and groups that the services run as, and what belongs to them.

`sallim` runs the agent, `sallim-app` the app. Whoever is in `sallim-web` may read the store and
ask the socket; whoever is in `sallim` may write the ledger of jobs and calls, and nothing else.
"""

import grp
import os
import pwd
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from deploy.commands import must
from deploy.layout import InstallError, Layout
from deploy.ledger import open_to_writers

AGENT, APP, READERS, WRITERS = "sallim", "sallim-app", "sallim-web", "sallim"
SYSTEM_ID_MAX = 999
"""Debian and Fedora give people ids from 1000 on."""

ADVICE = "Nothing that was there before has been changed. Run the same command again afterwards."


def make_accounts(tell: Callable[[str], None]) -> None:
    """Make what is missing. Raises InstallError when a person already has one of the names."""
    for user in (AGENT, APP):
        _refuse_person(user)
    for group in dict.fromkeys((WRITERS, READERS, APP)):
        if _group_id(group) is None:
            tell(f"Making the group {group}")
            must(["groupadd", "--system", group], ADVICE)
    for user, folder in ((AGENT, "/var/lib/sallim"), (APP, "/nonexistent")):
        if _user(user) is None:
            tell(f"Making the user {user}")
            shape = ["--system", "--no-create-home", "--home-dir", folder]
            must(["useradd", *shape, "--shell", "/usr/sbin/nologin", "--gid", user, user], ADVICE)
        must(["usermod", "--append", "--groups", READERS, user], ADVICE)


def _refuse_person(user: str) -> None:
    known = _user(user)
    if known is not None and known.pw_uid > SYSTEM_ID_MAX:
        raise InstallError(
            f"The user {user} (id {known.pw_uid}) is a person's account, and the service needs "
            "this name. Rename that account (`usermod -l`), then run this again."
        )


def remove_accounts(tell: Callable[[str], None]) -> None:
    """Remove what `make_accounts` made; accounts of people are left alone."""
    for user in (APP, AGENT):
        known = _user(user)
        if known is not None and known.pw_uid <= SYSTEM_ID_MAX:
            tell(f"Removing the user {user}")
            must(["userdel", user], "A process of that user may still run; see `ps -u " + user)
    for group in dict.fromkeys((APP, READERS, WRITERS)):
        number = _group_id(group)
        if number is not None and number <= SYSTEM_ID_MAX:
            must(["groupdel", group], ADVICE)


def hand_over(layout: Layout, again: bool = False) -> None:
    """Give home to the agent and settings to its readers, also after a re-installation.

    `again` looks at every file: those out of a backup may carry numbers of earlier accounts.
    """
    agent, readers = _user(AGENT), _group_id(READERS)
    if agent is None or readers is None:
        raise InstallError(f"The user {AGENT} or the group {READERS} vanished. Run this again.")
    give(layout.home, agent.pw_uid, readers, again, but=layout.ledger.name)
    open_to_writers(layout.ledger, agent.pw_uid, agent.pw_gid)
    for path in (layout.settings_folder, layout.settings):
        os.chown(path, 0, readers, follow_symlinks=False)


def give(folder: Path, user: int, group: int, again: bool = False, but: str = "") -> None:
    """Change the owner of a folder and of all in it; what is done is not done `again`.

    `but` names a folder in it that is left as it is.
    """
    status = folder.stat()
    if (status.st_uid, status.st_gid) == (user, group) and not again:
        return
    # By descriptors: where others may write, a path may lead elsewhere a moment later.
    for path, folders, files, descriptor in os.fwalk(folder):
        if path == str(folder) and but in folders:
            folders.remove(but)
        for name in (*folders, *files):
            with suppress(FileNotFoundError):
                os.chown(name, user, group, dir_fd=descriptor, follow_symlinks=False)
    # The folder comes last: after a power cut its old owner says that the work is not done.
    os.chown(folder, user, group)


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _group_id(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None
