"""The rungs of the ladder below "all is well": each undoes as little as it can.

1. The WAL has a damaged entry: cut it there; what was committed before stays.
2. The file alone is whole: do without the WAL.
3. Salvage into a new file what can be read.
4. Nothing can be read: a new file.

Whatever is cut, moved or replaced is kept in the quarantine.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data.ops.apart import look_apart
from data.ops.connection import first_line, is_disk_full, is_lock_conflict, wal_of
from data.ops.quarantine import Quarantine
from data.ops.salvage import complete_of, finish, hard_link, salvage, unfinished_of
from data.ops.verify import Findings
from models.errors import StoreDamaged, StoreError, StoreFull, StoreLocked

ENTRY_POSITION = re.compile(r"entry at byte position (\d+)")
RUNGS_MAX = 20


@dataclass(slots=True)
class Repair:
    """Works on one DuckDB file until it can be read whole."""

    path: Path
    quarantine: Quarantine
    now: float
    remember: Callable[[str], None]
    """Called with the reason before anything is changed."""

    def whole_findings(self) -> Findings:
        """Read the file; while that fails, repair it. Nothing is changed when it does not.

        Raises StoreLocked, StoreFull, and StoreDamaged when even a new file cannot be read.
        """
        self._make_up()
        for _ in range(RUNGS_MAX):
            try:
                return look_apart(self.path)
            except duckdb.Error as error:
                self._take_rung(error)
        raise StoreDamaged(
            f"{self.path}: cannot be read even after repairs. Look for errors of the disk, move "
            f"the file away and start again. Copies are in {self.quarantine.path}."
        )

    def _make_up(self) -> None:
        """Finish, or forget, a salvage that a crash cut short."""
        for leftover in (unfinished_of(self.path), self.path.with_name(self.path.name + ".alone")):
            leftover.unlink(missing_ok=True)
            wal_of(leftover).unlink(missing_ok=True)
        if complete_of(self.path).exists():
            reason = f"{self.path.name}: its repair was cut short"
            self.remember(reason)
            finish(self.path, self.quarantine, reason)

    def _take_rung(self, error: duckdb.Error) -> None:
        refuse_if_well(self.path, error)
        wal = wal_of(self.path)
        if wal.exists():
            reason = f"{wal.name}: {first_line(error)}"
            position = ENTRY_POSITION.search(str(error))
            if position and 0 < int(position[1]) < wal.stat().st_size:
                self.remember(reason)
                self.quarantine.copy(wal, reason)
                os.truncate(wal, int(position[1]))
                return
            if is_whole_alone(self.path):
                self.remember(reason)
                self.quarantine.move(wal, reason)
                return
        reason = f"{self.path.name}: {first_line(error)}"
        self.remember(reason)
        try:
            salvage(self.path, self.now)
        except duckdb.Error as full:
            needed_mb = self.path.stat().st_size // 1_000_000
            raise StoreFull(
                f"{self.path}: it is damaged, and its repair needs {needed_mb} MB free on the "
                "disk. Make room, then start again."
            ) from full
        finish(self.path, self.quarantine, reason)


def is_whole_alone(path: Path) -> bool:
    """Whether all of the file can be read without its WAL."""
    alone = hard_link(path)
    try:
        look_apart(alone)
    except duckdb.Error:
        return False
    else:
        return True
    finally:
        alone.unlink()


def refuse_if_well(path: Path, error: duckdb.Error) -> None:
    """Raise what is no damage: somebody else has the file, the disk is full, rights are missing."""
    if is_lock_conflict(error):
        raise StoreLocked(
            f"{path}: another process has it open. Close what reads it, then start again."
        ) from error
    if is_disk_full(error):
        raise StoreFull(f"{path}: the disk is full. Make room on it.") from error
    if "Permission denied" in str(error):
        raise StoreError(
            f"{path}: no permission to read it. Check who owns it ({first_line(error)})."
        ) from error
