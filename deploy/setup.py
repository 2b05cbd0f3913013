"""What every verb works with, and the steps that they share."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from deploy.accounts import hand_over, make_accounts
from deploy.files import make_folder, point, write_whole
from deploy.health import Patience, Verdict, agent_listens, await_health
from deploy.layout import InstallError, Layout
from deploy.ledger import open_to_writers
from deploy.services import Services, laid_units, lay_units

LOG = "journalctl -u sallim-agent -u sallim-app --since -15min"

HOME_MODE = 0o711
"""As StateDirectoryMode= of the agent's unit: the app and the owner's programs pass through, to
what is open to them in it, and list nothing."""

FIRST_SETTINGS = """\
# Settings of Sallim. Every key has a sensible default, so this file may stay empty.
# All keys: /opt/sallim/current/docs/settings.md
# After a change: sudo systemctl reload sallim-agent   (it checks the file first)
# Secrets do not belong here: see /opt/sallim/current/docs/install.md
"""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Setup:
    """One installation and how to work on it; `tell` gets each step before it is taken."""

    layout: Layout
    services: Services
    source: Path
    tell: Callable[[str], None]
    venv: Path | None = None
    accounts: bool = True
    patience: Patience = field(default_factory=Patience)
    now: Callable[[], datetime] = utc_now

    def stamp(self) -> str:
        """A name that sorts by time, and that no earlier backup has."""
        return self.now().strftime("%Y%m%dT%H%M%S.%fZ")


def prepare(setup: Setup) -> None:
    """Accounts, folders and the settings file; what is there stays as it is."""
    layout = setup.layout
    if setup.accounts:
        make_accounts(setup.tell)
    setup.tell("Making the folders for settings and data")
    layout.releases.mkdir(parents=True, exist_ok=True)
    make_folder(layout.settings_folder, 0o750 if setup.accounts else 0o755)
    make_folder(layout.credentials, 0o700)
    make_folder(layout.home, HOME_MODE)
    open_to_writers(layout.ledger)
    if not layout.settings.exists():
        write_whole(layout.settings, FIRST_SETTINGS, 0o640)
    if setup.accounts:
        hand_over(layout)


def switch(setup: Setup, release: str) -> None:
    """Let `current` and the units be those of a release; harmless to repeat."""
    setup.tell(f"Switching to release {release}")
    point(setup.layout.current, f"releases/{release}")
    lay_units(setup.layout, release)
    setup.services.read_units()


def start(setup: Setup, release: str, accepted: Collection[str]) -> Verdict:
    """Start what the owner wants to run, and wait until it is well or the patience ends."""
    if not setup.services.managed:
        return Verdict(True, "nothing was started")
    units = setup.services.enabled()
    setup.tell(f"Starting release {release}")
    setup.services.start(units)
    verdict = await_health(setup.layout, units, accepted, setup.patience)
    if verdict.well:
        setup.tell(f"Release {release} runs")
    return verdict


def stop(setup: Setup) -> None:
    """Raises InstallError when an agent still answers: its files must not be touched."""
    setup.tell("Stopping the services")
    setup.services.stop(laid_units(setup.layout))
    if agent_listens(setup.layout):
        raise InstallError(
            f"An agent that no service started answers at {setup.layout.socket}. End it (its "
            f"process id is in {setup.layout.home / 'agent.lock'}), then run this again."
        )
