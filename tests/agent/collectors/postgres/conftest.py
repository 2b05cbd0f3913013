"""A real PostgreSQL for each file, and collectors that are closed at the end."""

from collections.abc import Callable, Iterator

import pytest

from agent.collectors.postgres import PostgresCollector
from models.settings.postgres import Postgres
from tests.servers.postgres import PostgresServer, running_postgres

NOW = 1_795_413_600.0


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        server.run("CREATE TABLE videos (id int PRIMARY KEY, name text)")
        server.run("INSERT INTO videos SELECT n, 'a' FROM generate_series(1, 1000) n")
        server.run("DELETE FROM videos WHERE id > 900")
        yield server


@pytest.fixture
def collecting(server) -> Iterator[Callable[..., PostgresCollector]]:
    made = []

    def make(password: str = server.password, **settings) -> PostgresCollector:
        settings = {"url": server.url(), "password": "PG_PASSWORD", **settings}
        made.append(PostgresCollector(Postgres(**settings), password, lambda: NOW))
        return made[-1]

    yield make
    for collector in made:
        collector.close()
