"""The collector: what is asked when, and what remains when a part does not answer."""

import time
from collections.abc import Callable, Mapping
from math import inf

from agent.collectors.postgres.activity import Activity
from agent.collectors.postgres.counters import Counters, House
from agent.collectors.postgres.parts import Found, Part, Round, Server, ask_all
from agent.collectors.postgres.queries import SERVER
from agent.collectors.postgres.refusals import Address, quoted, refusal
from agent.collectors.postgres.replication import ask_replication
from agent.collectors.postgres.session import QueryFailed, Session
from agent.collectors.postgres.sizes import Sizes
from agent.collectors.postgres.statements import Statements
from models.databases.growth import KnownSizes
from models.messages import Message, say
from models.monitoring import Harvest, Reading
from models.settings.postgres import Postgres


class PostgresCollector:
    """`password` may be empty where the server asks for none; `clock` gives UTC epoch seconds;
    `known` are the sizes of the last days.
    """

    def __init__(
        self,
        settings: Postgres,
        password: str = "",
        clock: Callable[[], float] = time.time,
        known: KnownSizes | None = None,
    ) -> None:
        self.name = f"postgres:{settings.name}"
        self._instance = settings.name
        self._clock = clock
        self._address = Address.of(settings.url, settings.password)
        self._session = Session(
            self.name, settings.url, self._address, password, settings.timeout_seconds
        )
        self._server: Server | None = None
        self._connections_made = 0
        self._parts = _parts(self.name, self._address.user, settings, known)
        self._left_out: Mapping[str, Message] = {}
        self._snapshot: Mapping[str, object] = {}

    @property
    def left_out(self) -> Mapping[str, Message]:
        return self._left_out

    def details(self) -> Mapping[str, object]:
        """What was known at `at`. Moments are UTC epoch seconds, shares 0 to 1; what is not known
        is None, and what could not be asked is missing.

        at, version, started_at, database, response_seconds, is_standby
        connections: {used, max, states: {state: count}}; blocked: count
        long_queries: [{pid, user, app, database, state, wait, query, seconds}], the longest first
        blocking: [the same and {waiting, children: [...]}], whoever holds up most first; a
            prepared transaction has the pid 0 and no user, app, query ...
        commits_per_second, rollbacks_per_second, deadlocks_per_second, cache_hit_ratio, txid_age
        statements_at; statements: [{queryid, text, calls_per_second, mean_seconds, share,
            rows_per_call, read_blocks_per_call}], by share, which is seconds of execution a second
        sizes_at; disk: {free_bytes, growth_bytes_per_day, days_to_full}, of all databases together
        databases: [{name, bytes, growth_bytes_per_day, days_to_full}], the largest first; the days
            of one are those in which it alone would fill the room
        tables: [the same and {dead_share, rows, last_autovacuum_at, last_vacuum_at}]
        replication: {is_standby, lag_seconds, replicas: [{name, state, mode, lag_seconds,
            lag_bytes}]}
        left_out: [message as JSON]
        """
        return self._snapshot

    def close(self) -> None:
        self._session.close()

    def collect(self, monotonic_seconds: float) -> Harvest:
        """Raises SourceError where the server itself does not answer."""
        started = time.monotonic()
        self._session.begin()
        if self._server is None or self._connections_made != self._session.made:
            self._server = self._look()
            self._connections_made = self._session.made
            for part in self._parts:
                part.due_seconds = -inf
        answered_seconds = time.monotonic() - started
        now = self._clock()
        tick = Round(self._session, self._server, self._instance, monotonic_seconds, now)
        records = ask_all(self._parts, tick)
        found = [part.found for part in self._parts]
        self._left_out = self._missing(self._server, found)
        self._snapshot = {
            "at": now,
            "version": self._server.version,
            "started_at": self._server.started_at,
            "database": self._server.database,
            "is_standby": self._server.is_standby,
            "response_seconds": answered_seconds,
            **{key: value for each in found for key, value in each.told.items()},
            "left_out": [message.as_json() for message in self._left_out.values()],
        }
        readings: list[Reading] = [
            tick.reading("postgresql.response.duration", answered_seconds),
            *(reading for each in found for reading in each.readings),
        ]
        return Harvest(readings, tuple(records))

    def _look(self) -> Server:
        try:
            [row] = self._session.rows(SERVER)
        except QueryFailed as failure:
            self._session.close()
            raise refusal(self.name, self._address, f"FATAL {failure}") from failure
        *known, folder, extension = row
        return Server._make([*known, folder or "", _extension(extension)])

    def _missing(self, server: Server, found: list[Found]) -> dict[str, Message]:
        missing: dict[str, Message] = {}
        if not server.sees_all:
            missing["pg_monitor"] = say(
                "{user} does not see what other roles do: no states, no long or blocked queries, "
                "no statements, no replicas; run `GRANT pg_monitor TO {role}`",
                user=self._address.user,
                role=quoted(self._address.user),
            )
        for each in found:
            missing |= each.left_out
        return missing


def _parts(source: str, user: str, settings: Postgres, known: KnownSizes | None) -> list[Part]:
    """The quick ones first: what a slow one leaves of the round is little."""
    often = settings.interval_seconds
    seldom = max(often, settings.statements_interval_seconds)
    statements = Statements(source, user, settings.statements_max)
    sizes = Sizes(settings.tables_max, settings.disk_mb, known)
    return [
        Part("sessions", often, Activity(settings.long_query_seconds).ask),
        Part("counters", often, Counters().ask),
        Part("replication", often, ask_replication),
        Part("checkpoints", seldom, House().ask),
        Part("statements", seldom, statements.ask),
        Part("sizes", settings.sizes_interval_seconds, sizes.ask),
    ]


def _extension(text: str | None) -> tuple[tuple[int, int], str] | None:
    """Of "1.10 public"."""
    if not text:
        return None
    version, _, schema = text.partition(" ")
    major, _, minor = version.partition(".")
    return (int(major), int(minor or 0)), schema
