"""Copies of home before an upgrade, and the way back from one.

The ledger is copied too, but never turned back: see `deploy/ledger.py`.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.files import copy_entry, make_folder, remove, size_bytes, sync_folder, write_whole
from deploy.layout import InstallError, Layout
from deploy.ledger import copy_ledger, put_back_ledger

KEPT = 3
PARTIAL = ".partial"
ASIDE = ".set-aside"
OF_ONE_RUN = {"agent.sock", "agent.lock", "agent.starting"}
ROOM_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Backup:
    """A complete copy of home, made while `release` was the one that ran."""

    folder: Path
    release: str


def check_room(layout: Layout) -> None:
    """Raises InstallError when the disk cannot hold one more copy of home."""
    layout.backups.parent.mkdir(parents=True, exist_ok=True)
    needed = size_bytes(layout.home) + ROOM_BYTES
    free = shutil.disk_usage(layout.backups.parent).free
    if free < needed:
        raise InstallError(
            f"The backup of {layout.home} needs {needed / 1e6:,.0f} MB in {layout.backups}, and "
            f"{free / 1e6:,.0f} MB are free. Nothing was stopped or changed. Make room, or "
            "remove old copies from there, and run this again."
        )


def make_backup(layout: Layout, stamp: str, release: str) -> Backup:
    """Copy home and settings; call it while the agent is stopped. The name says when (UTC)."""
    make_folder(layout.backups, 0o700)
    for cut_off in layout.backups.glob(f"*{PARTIAL}"):
        remove(cut_off)
    partial = layout.backups / f"{stamp}{PARTIAL}"
    (partial / "home").mkdir(parents=True)
    _copy_home(layout, partial / "home")
    if layout.settings.exists():
        copy_entry(layout.settings, partial / "sallim.toml")
    write_whole(partial / "backup.json", json.dumps({"release": release}))
    os.sync()
    partial.rename(layout.backups / stamp)
    sync_folder(layout.backups)
    return Backup(layout.backups / stamp, release)


def backups_of(layout: Layout) -> list[Backup]:
    """The complete ones, oldest first."""
    notes = sorted(layout.backups.glob("*/backup.json"))
    return [
        Backup(note.parent, str(json.loads(note.read_text())["release"]))
        for note in notes
        if not note.parent.name.endswith(PARTIAL)
    ]


def put_back(layout: Layout, backup: Backup, stamp: str) -> Path:
    """Bring home to what it was; the folder that holds what was there instead.

    Safe to repeat after a power cut: nothing is deleted, and the backup stays as it is.
    """
    aside = layout.backups / f"{stamp}{ASIDE}"
    make_folder(aside, 0o700)
    layout.home.mkdir(parents=True, exist_ok=True)
    for entry in sorted(layout.home.iterdir()):
        if entry.name in OF_ONE_RUN:
            remove(entry)
        elif entry.name != layout.ledger.name:
            shutil.move(entry, aside / entry.name)
    for entry in sorted((backup.folder / "home").iterdir()):
        if entry.name == layout.ledger.name:
            put_back_ledger(entry, layout.ledger, aside)
            continue
        arriving = layout.home / f".arriving-{entry.name}"
        copy_entry(entry, arriving)
        arriving.rename(layout.home / entry.name)
    os.sync()
    return aside


def prune_backups(layout: Layout) -> None:
    """Keep the newest of each kind."""
    for kind in (backups_of_kind(layout, aside=True), backups_of_kind(layout, aside=False)):
        for folder in kind[:-KEPT]:
            remove(folder)


def backups_of_kind(layout: Layout, aside: bool) -> list[Path]:
    if not layout.backups.is_dir():
        return []
    return sorted(f for f in layout.backups.iterdir() if f.name.endswith(ASIDE) is aside)


def _copy_home(layout: Layout, target: Path) -> None:
    home, ledger = layout.home, layout.ledger.name
    for entry in sorted(home.iterdir()) if home.is_dir() else []:
        if entry.name not in {*OF_ONE_RUN, ledger}:
            copy_entry(entry, target / entry.name)
    copy_ledger(layout.ledger, target / ledger)
