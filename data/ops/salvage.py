"""Salvage: what a damaged file still holds is copied into a new one (copying.py), by children.

A child that the file ends leaves behind what it has copied and the step in which it ended; the
next one goes on from there without that step. The damaged file stays in its place, read-only,
until the new one is complete; three renames put the new one there (`finish`), and whichever of
them a crash prevents is made up at the next start.
"""

import os
from pathlib import Path

import duckdb

from data.ops.apart import ReaderEnded, copy_apart
from data.ops.connection import is_disk_full, wal_of
from data.ops.copying import COPYING, OPENING
from data.ops.quarantine import Quarantine

DEATHS_MAX = 100
"""Then nothing more is copied; what was is finished."""


def salvage(path: Path, now: float) -> bool:
    """Copy what can be read of `path` into a complete new file; False when nothing can.

    Raises duckdb.Error when the disk has no room for a second file.
    """
    unfinished = unfinished_of(path)
    alone = hard_link(path)
    try:
        for source in (path, alone):
            _remove(unfinished)
            try:
                _copy(unfinished, source, now)
            except duckdb.Error as error:
                if is_disk_full(error):
                    _remove(unfinished)
                    raise
            else:
                unfinished.rename(complete_of(path))
                return True
        _remove(unfinished)
        return False
    finally:
        alone.unlink(missing_ok=True)


def finish(path: Path, quarantine: Quarantine, reason: str) -> None:
    """Move the damaged file away and the complete new one, if there is one, in its place."""
    quarantine.move(path, reason)
    quarantine.move(wal_of(path), reason)
    if complete_of(path).exists():
        complete_of(path).rename(path)


def unfinished_of(path: Path) -> Path:
    return path.with_name(path.name + ".salvaging")


def complete_of(path: Path) -> Path:
    return path.with_name(path.name + ".salvaged")


def hard_link(path: Path) -> Path:
    """The same file under a name beside which there is no WAL."""
    alone = path.with_name(path.name + ".alone")
    _remove(alone)
    os.link(path, alone)
    return alone


def _copy(unfinished: Path, source: Path, now: float) -> None:
    """Start children until one comes to its end. Raises duckdb.Error when none can."""
    fatal: list[str] = []
    while True:
        try:
            copy_apart(unfinished, source, now, fatal)
        except ReaderEnded as ended:
            if ended.step == OPENING or ended.step in fatal:
                raise
            fatal.append(ended.step)
            if len(fatal) == DEATHS_MAX:
                fatal.append(COPYING)
        else:
            return


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    wal_of(path).unlink(missing_ok=True)
