"""What an upgrade has begun, on disk, so that the same command can finish it after a power cut."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from deploy.files import sync_folder, write_whole


class Phase(StrEnum):
    COPYING = "copying"
    """The services are stopped for the backup; nothing has been changed."""
    SWITCHED = "switched"
    """The new release may have run, and may have changed what home holds."""
    RETURNING = "returning"
    """The old release and its data are being put back."""


@dataclass(frozen=True, slots=True)
class Journal:
    phase: Phase
    old: str
    new: str
    backup: str
    """Name of the backup that belongs to the old release."""
    well: bool
    """Whether the old release was well before."""


def read_journal(path: Path) -> Journal | None:
    try:
        shape = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return Journal(**{**shape, "phase": Phase(shape["phase"])})


def write_journal(path: Path, journal: Journal) -> None:
    write_whole(path, json.dumps(asdict(journal)))


def close_journal(path: Path) -> None:
    path.unlink(missing_ok=True)
    sync_folder(path.parent)
