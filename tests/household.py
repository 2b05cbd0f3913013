"""A household as the owner has one, on loopback: PostgreSQL, Redis, n8n, exporters, endpoints.

Everything is the real program but n8n (`tests/standins/n8n.py` speaks its API). `running_household`
writes the `sallim.toml` of a home; whoever starts an agent on it watches all of this.
"""

import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from data.home import Home
from tests.processes import free_port
from tests.servers.http import Page, Pages, pages
from tests.servers.node_exporter import node_exporter
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.redis import RedisServer, running_redis
from tests.standins.n8n import N8n

HOUR, DAY = 3_600, 86_400
ENDPOINTS = 10
SECRETS = {"HOUSE_N8N_KEY": "a-key-of-this-n8n"}  # of the stand-in


@dataclass
class Household:
    """What runs, for tests to break; `environ` is what the agent needs beside its home."""

    home: Home
    postgres: PostgresServer
    redis: RedisServer
    n8n: N8n
    web: Pages
    down_port: int
    environ: dict[str, str]


@contextmanager
def running_household(home: Home, *, batch_seconds: float = 10) -> Iterator[Household]:
    home.make()
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres())
        redis = stack.enter_context(running_redis())
        n8n = stack.enter_context(N8n("2.40.7"))
        exporter = stack.enter_context(node_exporter())
        answers = {f"/{number}": Page(b"all is well") for number in range(ENDPOINTS)}
        web = stack.enter_context(pages(answers))
        fill(postgres, redis, n8n)
        file = home.path / "n8n.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS workflow_entity (id TEXT)")
        house = Household(
            home, postgres, redis, n8n, web, free_port(), {**SECRETS, "HOUSE_PG": postgres.password}
        )
        (home.path / "sallim.toml").write_text(
            settings_of(house, exporter.url, file, batch_seconds)
        )
        yield house


def settings_of(house: Household, exporter_url: str, file: Path, batch_seconds: float) -> str:
    endpoints = "".join(
        f'[[endpoint]]\nname = "api-{number}"\nurl = "{house.web.url}/{number}"\n'
        'expect_text = "well"\n'
        for number in range(ENDPOINTS - 1)
    )
    return f"""\
[machine]
name = "vps"
[store]
batch_seconds = {batch_seconds}
[[n8n]]
url = "{house.n8n.url}"
api_key = "HOUSE_N8N_KEY"
[[postgres]]
url = "{house.postgres.url()}"
password = "HOUSE_PG"
[[redis]]
url = "{house.redis.url}"
queues = ["q:transcribe", "q:nothing"]
[[sqlite]]
path = "{file}"
{endpoints}[[endpoint]]
name = "away"
url = "tcp://127.0.0.1:{house.down_port}"
[[scrape]]
name = "gpu-box"
url = "{exporter_url}"
[[beat]]
name = "nightly-dump"
every_seconds = 86400
"""


def fill(postgres: PostgresServer, redis: RedisServer, n8n: N8n) -> None:
    """A past that is worth looking at: tables, a queue, runs that succeed, fail and fall silent."""
    postgres.run("CREATE TABLE videos (id int, title text)")
    postgres.run("INSERT INTO videos SELECT n, repeat('x', 100) FROM generate_series(1, 5000) n")
    redis.run("RPUSH", "q:transcribe", *(f"video-{number}" for number in range(7)))
    now = time.time()
    works = n8n.workflow("Fetch new videos")
    fails = n8n.workflow("Notify <b>customers</b> 🎬")
    silent = n8n.workflow("Sync subscriptions")
    for hours in range(8 * 24, 0, -1):
        at = now - hours * HOUR
        n8n.run(works, at=at)
        if hours > 30:
            n8n.run(silent, at=at)
    for minutes in (50, 40, 30):
        n8n.run(fails, "error", at=now - minutes * 60, node="Slack", error="channel_not_found")


def hold_lock(postgres: PostgresServer, table: str) -> "Lock":
    return Lock(postgres, table)


class Lock:
    """One session that holds a table, as a context."""

    def __init__(self, postgres: PostgresServer, table: str) -> None:
        self._postgres, self._table = postgres, table

    def __enter__(self) -> "Lock":
        self._session = self._postgres.connect()
        self._session.execute("BEGIN")
        self._session.execute(f"LOCK TABLE {self._table} IN ACCESS EXCLUSIVE MODE")
        return self

    def __exit__(self, *_: object) -> None:
        self._session.execute("COMMIT")
        self._session.close()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
