"""A real PostgreSQL on a free port of 127.0.0.1 and on a Unix socket, in a folder of its own.

    with running_postgres() as server:
        server.run("CREATE TABLE videos (id int)")                    # as the superuser
        PostgresCollector(Postgres(url=server.url()), server.password, ...)
        server.restart()

The role `sallim` has pg_monitor and a password, the role `stranger` has only a password;
pg_stat_statements is loaded and made in the database `postgres`. Nothing is synced to disk. `kill`
ends it without a goodbye, `with server.frozen()` lets it accept and say nothing.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from tests.processes import free_port
from tests.servers.scratch import Program, account, scratch_folder

ROLE = "sallim"
STRANGER = "stranger"
PASSWORD = "of-the-tests"  # noqa: S105
START_SECONDS = 60.0
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
    "max_connections": "20",
    "superuser_reserved_connections": "3",
    # In the folder, so that a killed server leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "shared_preload_libraries": "pg_stat_statements",
    "track_io_timing": "on",
    "deadlock_timeout": "100ms",
    "autovacuum": "off",
    "logging_collector": "off",
    "lc_messages": "C",
}
FIRST = f"""
    CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}';
    CREATE ROLE {STRANGER} LOGIN PASSWORD '{PASSWORD}';
    GRANT pg_monitor TO {ROLE};
    CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
"""


def bin_folder() -> Path:
    """Of the newest PostgreSQL that Debian installed."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    assert found, "PostgreSQL is not installed; run tests/debian-packages.sh"
    return found[-1]


class PostgresServer(Program):
    """`settings` go to the command line at the next start and may be changed before it."""

    password = PASSWORD

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        super().__init__(folder)
        self.data = folder / "data"
        self.port = free_port()
        self.settings = {**SETTINGS, **settings}

    def url(self, user: str = ROLE, database: str = "postgres", query: str = "") -> str:
        """Over TCP, where a password is asked for."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}{query}"

    def socket_url(self, user: str = ROLE, database: str = "postgres") -> str:
        """Over the Unix socket, where nobody is asked for a password."""
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def connect(self, user: str = "postgres", database: str = "postgres") -> psycopg.Connection:
        """A session of its own; each statement is a transaction unless one is begun."""
        return psycopg.connect(
            self.socket_url(user, database), autocommit=True, application_name="test"
        )

    def run(self, statement: str, database: str = "postgres") -> list[tuple]:
        with self.connect(database=database) as session:
            cursor = session.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def make(self) -> None:
        """The cluster: no server yet."""
        subprocess.run(
            [
                bin_folder() / "initdb",
                *("--pgdata", self.data, "--username", "postgres", "--encoding", "UTF8"),
                *("--auth-local", "trust", "--auth-host", "scram-sha-256"),
                *("--no-locale", "--no-sync", "--no-instructions"),
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
            timeout=START_SECONDS,
            **account(),
        )

    def start(self) -> None:
        end = time.monotonic() + START_SECONDS
        while not self._takes_sessions():
            # After a kill its children take a moment to notice, and hold on to what is shared.
            assert time.monotonic() < end, self.log
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGINT) -> None:
        """SIGINT ends the sessions; SIGTERM would wait for them."""
        super().stop(number)

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The same with its sessions: they are processes of their own."""
        with super().frozen(), ExitStack() as frozen:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            for child in map(int, children):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGSTOP)
                    frozen.callback(_go_on, child)
            yield

    def _takes_sessions(self) -> bool:
        """Start it where it does not run, and ask."""
        if not self.is_running:
            options = [f"-c{name}={value}" for name, value in self.settings.items()]
            self.launch(
                bin_folder() / "postgres",
                *("-D", self.data, "-k", self.folder, "-p", str(self.port)),
                "-clisten_addresses=127.0.0.1",
                *options,
            )
        with suppress(psycopg.OperationalError):
            self.run("SELECT 1")
            return True
        return False


def _go_on(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


@contextmanager
def running_standby(primary: PostgresServer) -> Iterator[PostgresServer]:
    """A copy that follows `primary` and takes no writes."""
    with scratch_folder("standby") as folder:
        server = PostgresServer(folder, primary.settings)
        source = f"host={primary.folder} port={primary.port} user=postgres application_name=copy"
        subprocess.run(
            [
                bin_folder() / "pg_basebackup",
                *("--pgdata", server.data, "--dbname", source),
                *("--write-recovery-conf", "--checkpoint=fast", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            timeout=START_SECONDS,
            **account(),
        )
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGQUIT)


@contextmanager
def running_postgres(**settings: str) -> Iterator[PostgresServer]:
    with scratch_folder("postgres") as folder:
        server = PostgresServer(folder, settings)
        server.make()
        try:
            server.start()
            server.run(FIRST)
            yield server
        finally:
            server.stop(signal.SIGQUIT)
