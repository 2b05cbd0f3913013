"""The one folder that holds everything Sallim keeps, and the names in it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import ConfigError

SOCKET_PATH_BYTES_MAX = 100
"""AF_UNIX addresses end at 108 bytes; a margin is left for temporary names beside the socket."""


@dataclass(frozen=True, slots=True)
class Home:
    """Paths only: nothing is opened or made by asking for one."""

    path: Path

    @property
    def ops(self) -> Path:
        """The DuckDB store; the agent is its only owner."""
        return self.path / "ops.duckdb"

    @property
    def control(self) -> Path:
        """SQLite, written by the agent alone: what must never be lost."""
        return self.path / "control.sqlite3"

    @property
    def ledger_folder(self) -> Path:
        """The only folder that the owner's programs write in: SQLite keeps a WAL beside a file."""
        return self.path / "ledger"

    @property
    def ledger(self) -> Path:
        """SQLite, written by the owner's programs and the gateway."""
        return self.ledger_folder / "ledger.sqlite3"

    @property
    def archive(self) -> Path:
        """Calls that the ledger no longer keeps, a checksummed file a month; the agent alone."""
        return self.path / "archive"

    @property
    def bills(self) -> Path:
        """SQLite of its own, as the tokens: rates by day, hours, bills."""
        return self.path / "bills.sqlite3"

    @property
    def tokens(self) -> Path:
        """SQLite of its own, because `control` is locked by the running agent."""
        return self.path / "tokens.sqlite3"

    @property
    def socket(self) -> Path:
        return self.path / "agent.sock"

    @property
    def lock(self) -> Path:
        """Held by the running agent as a file lock; holds its process id as text."""
        return self.path / "agent.lock"

    @property
    def starting(self) -> Path:
        """Held as a file lock while the agent opens the store; readers keep away from the file."""
        return self.path / "agent.starting"

    @property
    def gateway_lock(self) -> Path:
        """The same of the running gateway."""
        return self.path / "gateway.lock"

    @property
    def settings_last_good(self) -> Path:
        return self.path / "settings.last-good.toml"

    @property
    def quarantine(self) -> Path:
        """Copies of damaged files, one folder an accident."""
        return self.path / "quarantine"

    def make(self) -> None:
        """Create the folder, for its owner alone.

        Raises ConfigError when the path cannot hold the socket or cannot be made.
        """
        length = len(os.fsencode(self.socket))
        if length > SOCKET_PATH_BYTES_MAX:
            raise ConfigError(
                f"SALLIM_HOME: the socket would be {self.socket} ({length} bytes), and Unix "
                f"sockets end at {SOCKET_PATH_BYTES_MAX}. Choose a shorter folder, for example "
                "/var/lib/sallim."
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigError(
                f"SALLIM_HOME: {self.path} cannot be made ({error.strerror}). Choose a folder "
                "that this user may write to, for example ~/.local/share/sallim."
            ) from error


def home_at(path: str | None, environ: Mapping[str, str], root: Path) -> Home:
    """The home named on the command line, else by SALLIM_HOME, else `data/store` of the checkout.

    >>> home_at(None, {"SALLIM_HOME": "/var/lib/sallim"}, Path("/srv")).ops.as_posix()
    '/var/lib/sallim/ops.duckdb'
    """
    chosen = path or environ.get("SALLIM_HOME")
    return Home(Path(chosen).expanduser().absolute() if chosen else root / "data" / "store")
