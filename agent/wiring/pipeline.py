"""Collectors of what the pipeline runs on: one for each entry of a list in the settings."""

import os
from collections.abc import Callable, Iterator
from typing import Protocol

from agent.collectors.n8n import N8nCollector
from agent.collectors.n8n.house import House
from agent.collectors.postgres import PostgresCollector
from agent.collectors.redis import RedisCollector
from agent.collectors.sqlite import SqliteCollector
from agent.wiring.services import service_sources
from agent.wiring.source import Source, timing_of
from data.credentials import Secret, secret
from models.databases.growth import KnownSizes
from models.errors import ConfigError, SourceRefused
from models.monitoring import Answer, Collector
from models.settings import Settings
from models.settings.n8n import N8n
from models.settings.postgres import Postgres
from models.settings.redis import Redis
from models.workflows.known import Known


class Memory(Protocol):
    """What the store remembers for a collector that begins anew."""

    def known_runs(self, source: str, now: float) -> Known: ...

    def known_sizes(self, machine: str, source: str, now: float) -> KnownSizes: ...


class Unwired:
    """A source whose secret cannot be had: it says so at every reading, and how to mend it."""

    def __init__(self, name: str, error: ConfigError) -> None:
        self.name = name
        self._error = error

    def collect(self, monotonic_seconds: float) -> Answer:  # noqa: ARG002  (the protocol)
        raise SourceRefused(self.name, self._error.problems[0])


def pipeline_sources(
    settings: Settings, machine: str, clock: Callable[[], float], memory: Memory | None
) -> Iterator[Source]:
    """`clock` gives UTC epoch seconds; without `memory` nothing is remembered, as for a check."""

    def sizes(source: str) -> KnownSizes | None:
        return memory.known_sizes(machine, source, clock()) if memory is not None else None

    for n8n in settings.n8n:
        yield _n8n(n8n, settings, machine, clock, memory)
    for postgres in settings.postgres:
        known = sizes(f"postgres:{postgres.name}")
        yield Source(_postgres(postgres, clock, known), timing_of(postgres), machine)
    for redis in settings.redis:
        yield Source(_redis(redis, clock), timing_of(redis), machine)
    for sqlite in settings.sqlite:
        known = sizes(f"sqlite:{sqlite.name}")
        yield Source(SqliteCollector(sqlite, clock, known), timing_of(sqlite), machine)
    yield from service_sources(settings, machine, clock)


def _n8n(
    n8n: N8n, settings: Settings, machine: str, clock: Callable[[], float], memory: Memory | None
) -> Source:
    fields = {
        each.workflow or each.name: each.key_field
        for each in settings.analysis
        if each.n8n == n8n.name and each.key_field
    }
    house = House(settings.house.zone, clock, fields)
    known = memory.known_runs(f"n8n:{n8n.name}", clock()) if memory is not None else None
    try:
        # Without a key health and metrics are read all the same, and it is said what is missing.
        key: str = secret(n8n.api_key, os.environ) if n8n.api_key else ""
    except ConfigError:
        key = ""
    return Source(N8nCollector(n8n, key, house, known), timing_of(n8n), machine)


def _postgres(
    postgres: Postgres, clock: Callable[[], float], known: KnownSizes | None
) -> Collector:
    try:
        password = secret_or_none(postgres.password)
    except ConfigError as error:
        return Unwired(f"postgres:{postgres.name}", error)
    return PostgresCollector(postgres, password or "", clock, known)


def _redis(redis: Redis, clock: Callable[[], float]) -> Collector:
    try:
        password = secret_or_none(redis.password)
    except ConfigError as error:
        return Unwired(f"redis:{redis.name}", error)
    return RedisCollector(redis, password or "", clock)


def secret_or_none(name: str) -> Secret | None:
    """The secret of that name, None where none is named. Raises ConfigError."""
    return secret(name, os.environ) if name else None
