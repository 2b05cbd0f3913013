"""What the server counts: transactions, rows, blocks, deadlocks, checkpoints."""

from agent.collectors.postgres.parts import Found, Round
from agent.collectors.postgres.queries import DATABASES, WRAPAROUND, checkpoints
from models.databases.counters import CountersOf, growth_of, hit_share
from models.rates import Rates

COLUMNS = (
    *("commits", "rollbacks", "hits", "misses", "returned", "fetched", "inserted", "updated"),
    *("deleted", "temp_files", "temp_bytes", "deadlocks", "conflicts"),
)
OPERATIONS = ("returned", "fetched", "inserted", "updated", "deleted")
SERIES = {
    "postgresql.commits": "commits",
    "postgresql.rollbacks": "rollbacks",
    "postgresql.temp.io": "temp_bytes",
    "postgresql.deadlocks": "deadlocks",
    "postgresql.conflicts": "conflicts",
}


class Counters:
    """Of all databases together."""

    def __init__(self) -> None:
        self._rates = Rates()

    def ask(self, tick: Round) -> Found:
        rows = tick.session.rows(DATABASES)
        counters = [
            CountersOf(
                database,
                since,
                {
                    name: float(value)
                    for name, value in zip(COLUMNS, values, strict=True)
                    if value is not None
                },
            )
            for database, since, _, *values in rows
        ]
        grown = growth_of(self._rates, counters, tick.monotonic_seconds)
        ratio = hit_share(grown.get("hits"), grown.get("misses"))
        readings = [
            *(tick.reading(name, grown.get(column)) for name, column in SERIES.items()),
            *(
                tick.reading("postgresql.rows", grown.get(operation), operation=operation)
                for operation in OPERATIONS
            ),
            tick.reading("postgresql.cache.hit_ratio", ratio),
        ]
        told = {
            "commits_per_second": grown.get("commits"),
            "rollbacks_per_second": grown.get("rollbacks"),
            "deadlocks_per_second": grown.get("deadlocks"),
            "cache_hit_ratio": ratio,
        }
        return Found(readings, told)


class House:
    """What the server does for itself."""

    def __init__(self) -> None:
        self._rates = Rates()

    def ask(self, tick: Round) -> Found:
        [(timed, requested, since)] = tick.session.rows(checkpoints(tick.server.version_number))
        [(age,)] = tick.session.rows(WRAPAROUND)
        counters = [CountersOf("", since, {"timed": timed or 0, "requested": requested or 0})]
        grown = growth_of(self._rates, counters, tick.monotonic_seconds)
        readings = [
            tick.reading("postgresql.checkpoints", grown.get(kind), kind=kind)
            for kind in ("timed", "requested")
        ]
        return Found([*readings, tick.reading("postgresql.txid.age", age)], {"txid_age": age})
