"""Where damaged files are kept for whoever wants to look at them: a folder an accident."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from data.home import Home

KEPT = 2


class Quarantine:
    """The folder of this opening; it is made when the first file is put there."""

    def __init__(self, home: Home, now: float) -> None:
        moment = datetime.fromtimestamp(now, UTC)
        self.path = home.quarantine / f"{moment:%Y%m%dT%H%M%SZ}"
        self.reasons: list[str] = []

    @property
    def is_used(self) -> bool:
        return bool(self.reasons)

    def copy(self, file: Path, reason: str) -> None:
        self._make(reason)
        if file.exists():
            shutil.copy2(file, self._free_name(file))

    def move(self, file: Path, reason: str) -> None:
        self._make(reason)
        if file.exists():
            file.rename(self._free_name(file))

    def _make(self, reason: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if reason not in self.reasons:
            self.reasons.append(reason)

    def _free_name(self, file: Path) -> Path:
        target = self.path / file.name
        number = 1
        while target.exists():
            number += 1
            target = self.path / f"{file.name}.{number}"
        return target


def tidy(home: Home, bytes_max: int) -> None:
    """Keep the newest quarantines: two at most, and of older ones only what fits in the limit."""
    if not home.quarantine.is_dir():
        return
    total = 0
    for number, folder in enumerate(sorted(home.quarantine.iterdir(), reverse=True)):
        total += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        if number >= KEPT or (number > 0 and total > bytes_max):
            shutil.rmtree(folder, ignore_errors=True)
