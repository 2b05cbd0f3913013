"""The service manager, behind a seam as thin as its command line.

SALLIM_SYSTEMCTL names another command that understands the same words: daemon-reload,
enable, disable, is-enabled, stop, and --no-block restart.
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.commands import ask, must
from deploy.files import sync_folder, write_whole
from deploy.layout import LAID, OPTIONAL, UNITS, Layout

BOOTED_BY_SYSTEMD = Path("/run/systemd/system")
LOOK = "See `systemctl status 'sallim-*'` and `journalctl -u sallim-agent -u sallim-app`."


class Services:
    """The units. Without a manager (`command` is empty) every call does nothing."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    @property
    def managed(self) -> bool:
        return bool(self._command)

    def _must(self, *words: str) -> None:
        if self._command:
            must([*self._command, *words], LOOK)

    def read_units(self) -> None:
        self._must("daemon-reload")

    def enable(self) -> None:
        """From now on agent and app start with the machine."""
        self._must("enable", *UNITS)

    def disable(self, units: Sequence[str]) -> None:
        if units:
            self._must("disable", *units)

    def enabled(self) -> list[str]:
        """The units that the owner wants to run: what was stopped for good stays stopped."""
        return [unit for unit in LAID if self._is_enabled(unit)]

    def _is_enabled(self, unit: str) -> bool:
        return self.managed and ask([*self._command, "is-enabled", unit]).code == 0

    def start(self, units: Sequence[str]) -> None:
        """Start or restart, and do not wait: whether they are well is asked of themselves."""
        if units:
            self._must("--no-block", "restart", *units)

    def stop(self, units: Sequence[str]) -> None:
        """Returns when they have ended; the app first, so that no page asks a socket in vain."""
        if units:
            self._must("stop", *reversed(units))


def services_of(environ: Mapping[str, str], root: Path) -> Services:
    """The manager that this machine has; below a scratch root only one that was named."""
    named = environ.get("SALLIM_SYSTEMCTL")
    if named:
        return Services(shlex.split(named))
    real = root == Path("/") and BOOTED_BY_SYSTEMD.is_dir()
    return Services(["systemctl"] if real else [])


def lay_units(layout: Layout, release: str) -> None:
    """Copy the units of a release to where the manager reads them."""
    layout.units.mkdir(parents=True, exist_ok=True)
    for unit in LAID:
        source = layout.release(release) / "deploy" / unit
        if unit in OPTIONAL and not source.is_file():
            # A release of before there was one, gone back to.
            (layout.units / unit).unlink(missing_ok=True)
        else:
            write_whole(layout.units / unit, source.read_text())


def laid_units(layout: Layout) -> list[str]:
    return [unit for unit in LAID if (layout.units / unit).is_file()]


def remove_units(layout: Layout) -> None:
    if layout.units.is_dir():
        for unit in LAID:
            (layout.units / unit).unlink(missing_ok=True)
        sync_folder(layout.units)
