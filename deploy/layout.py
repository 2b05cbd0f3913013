"""Where an installation keeps what. Paths only: nothing is made by asking for one."""

from dataclasses import dataclass
from pathlib import Path

UNITS = ("sallim-agent.service", "sallim-app.service")
OPTIONAL = ("sallim-gateway.service",)
"""Laid with the others, and enabled by the owner alone."""
LAID = (*UNITS, *OPTIONAL)


class InstallError(Exception):
    """What was asked cannot be done here; the message says why, and what a person can do."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders below `root`: / on a real machine, a scratch folder for packages and tests."""

    root: Path

    @property
    def opt(self) -> Path:
        return self.root / "opt/sallim"

    @property
    def releases(self) -> Path:
        """One folder a release, each with its own virtual environment."""
        return self.opt / "releases"

    @property
    def current(self) -> Path:
        """A link to the release that runs; switched in one step."""
        return self.opt / "current"

    @property
    def journal(self) -> Path:
        """There only while an upgrade is under way: what it began, and how far it came."""
        return self.opt / "upgrade.json"

    @property
    def settings_folder(self) -> Path:
        return self.root / "etc/sallim"

    @property
    def settings(self) -> Path:
        return self.settings_folder / "sallim.toml"

    @property
    def credentials(self) -> Path:
        """Secrets, read by the service manager alone."""
        return self.settings_folder / "credentials"

    @property
    def home(self) -> Path:
        return self.root / "var/lib/sallim"

    @property
    def ledger(self) -> Path:
        """The folder that the owner's programs write in, also while Sallim is stopped."""
        return self.home / "ledger"

    @property
    def socket(self) -> Path:
        return self.home / "agent.sock"

    @property
    def backups(self) -> Path:
        return self.root / "var/lib/sallim-backups"

    @property
    def units(self) -> Path:
        return self.root / "etc/systemd/system"

    @property
    def lock(self) -> Path:
        """Held while one of our commands works; a second one says so and ends."""
        return self.root / "run/sallim-deploy.lock"

    def release(self, name: str) -> Path:
        return self.releases / name

    def current_release(self) -> str | None:
        """Name of the release that `current` leads to; None when nothing is installed."""
        if not self.current.is_symlink():
            return None
        name = self.current.readlink().name
        return name if self.release(name).is_dir() else None
