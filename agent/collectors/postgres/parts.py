"""The parts of a server that are asked, each in its own time; one that fails costs itself alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from agent.collectors.postgres.session import LOCK_SECONDS, STATEMENT_SECONDS, QueryFailed, Session
from models.messages import Message, say
from models.monitoring import Reading, Record
from models.redaction import redact

EARLY_SECONDS = 2.0
"""A round that comes a little early counts; the next one would come a whole interval late."""


class Server(NamedTuple):
    """What is known of a server for as long as it runs. `started_at` is its clock, epoch seconds.

    `sees_all`: our role may see what other roles do. `statements` is version and quoted schema of
    pg_stat_statements, None where this database does not have it.
    """

    version_number: int
    version: str
    is_standby: bool
    connections_max: int
    sees_all: bool
    database: str
    started_at: float
    data_folder: str
    statements: tuple[tuple[int, int], str] | None


class Round(NamedTuple):
    """`instance` is the name of the [[postgres]]; `now` is our clock, in UTC epoch seconds."""

    session: Session
    server: Server
    instance: str
    monotonic_seconds: float
    now: float

    def reading(self, name: str, value: float | None, **labels: str) -> Reading:
        named = {"source": self.instance, **labels}
        return Reading(name, value, tuple(sorted(named.items())))


@dataclass(frozen=True, slots=True)
class Found:
    """What a part knows until it is asked again; `told` is what the pages are told besides.

    `is_first`: it takes a second look to say anything, and that should come soon.
    """

    readings: list[Reading] = field(default_factory=list)
    told: Mapping[str, object] = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    left_out: Mapping[str, Message] = field(default_factory=dict)
    is_first: bool = False


@dataclass(slots=True)
class Part:
    name: str
    interval_seconds: float
    ask: Callable[[Round], Found]
    due_seconds: float = -inf
    found: Found = field(default_factory=Found)


def ask_all(parts: Iterable[Part], tick: Round) -> list[Record]:
    """Ask what is due; the new records. Raises SourceUnreachable where the server went away."""
    records: list[Record] = []
    for part in parts:
        if tick.monotonic_seconds < part.due_seconds - EARLY_SECONDS:
            continue
        part.due_seconds = tick.monotonic_seconds + part.interval_seconds
        try:
            part.found = part.ask(tick)
        except QueryFailed as failure:
            part.found = Found(left_out={part.name: _reason(part.name, failure)})
        if part.found.is_first:
            part.due_seconds = tick.monotonic_seconds
        records += part.found.records
    return records


def _reason(part: str, failure: QueryFailed) -> Message:
    if failure.code == "57014":
        return say(
            "PostgreSQL took longer than {seconds} s to tell about its {part}; it is overloaded, "
            "or its statistics are very large",
            part=part,
            seconds=f"{STATEMENT_SECONDS:g}",
        )
    if failure.code == "55P03":
        return say(
            "PostgreSQL's {part} were locked for longer than {seconds} s; look at the blocking "
            "sessions",
            part=part,
            seconds=f"{LOCK_SECONDS:g}",
        )
    return say(
        "PostgreSQL does not tell about its {part} ({code}): {text}",
        part=part,
        code=failure.code,
        text=redact(" ".join(str(failure).split()))[:300],
    )
