"""How large databases and tables are, how fast they grow, and for how long there is room."""

import os
from collections.abc import Hashable

from agent.collectors.postgres.parts import Found, Round
from agent.collectors.postgres.queries import DATABASE_SIZES, TABLES
from agent.collectors.postgres.session import Row
from models.databases.growth import Growths, KnownSizes, Size, days_until_full
from models.monitoring import Reading

MEGABYTE = 1_000_000
CANDIDATES = 4
"""How many times the tables that are kept are measured exactly."""
LOOPBACK = ("127.0.0.1", "::1", "localhost", "")


class Sizes:
    def __init__(self, tables_max: int, disk_mb: int, known: KnownSizes | None) -> None:
        self._most = tables_max
        self._disk_bytes = disk_mb * MEGABYTE
        self._growths = Growths(known)

    def ask(self, tick: Round) -> Found:
        databases = [
            (str(name), float(size))
            for name, size in tick.session.rows(DATABASE_SIZES)
            if size is not None
        ]
        tables = tick.session.rows(TABLES, (CANDIDATES * self._most, self._most))
        total = sum(size for _, size in databases)
        sizes: dict[Hashable, float] = {("",): total}
        sizes |= {(name,): size for name, size in databases}
        sizes |= {_key(tick, row): float(row[2]) for row in tables if row[2] is not None}
        for key, size in sizes.items():
            self._growths.take(key, Size(tick.now, size))
        self._growths.forget_all_but(set(sizes))
        free = self._free_bytes(tick, total)
        days = days_until_full(free, self._growths.bytes_per_day(("",)))
        readings = [
            *(tick.reading("postgresql.db_size", size, database=name) for name, size in databases),
            *(reading for row in tables for reading in _table_readings(tick, row)),
            tick.reading("postgresql.days_until_full", days),
        ]
        told = {
            "sizes_at": tick.now,
            "disk": {
                "free_bytes": free,
                "growth_bytes_per_day": self._growths.bytes_per_day(("",)),
                "days_to_full": days,
            },
            "databases": [self._shape(name, size, free, (name,)) for name, size in databases],
            "tables": [
                {
                    **self._shape(_name(row), row[2], free, _key(tick, row)),
                    "dead_share": _dead_share(row),
                    "rows": row[3],
                    "last_autovacuum_at": row[5],
                    "last_vacuum_at": row[6],
                }
                for row in tables
            ],
        }
        return Found(readings, told)

    def _shape(
        self, name: str, size: float | None, free: float | None, key: Hashable
    ) -> dict[str, object]:
        growth = self._growths.bytes_per_day(key)
        return {
            "name": name,
            "bytes": size,
            "growth_bytes_per_day": growth,
            "days_to_full": days_until_full(free, growth),
        }

    def _free_bytes(self, tick: Round, total: float) -> float | None:
        """Of the disk under the data where we see it, else what the settings leave."""
        if self._disk_bytes:
            return max(self._disk_bytes - total, 0.0)
        host = tick.session.host
        folder = tick.server.data_folder
        if not folder or not (host in LOOPBACK or host.startswith("/")):
            return None
        try:
            disk = os.statvfs(folder)
        except OSError:
            # The port of a container, or a folder that we may not look into.
            return None
        return float(disk.f_bavail * disk.f_frsize)


def _table_readings(tick: Round, row: Row) -> list[Reading]:
    labels = {"database": tick.server.database, "table": _name(row)}
    return [
        tick.reading("postgresql.table.size", row[2], **labels),
        tick.reading("postgresql.table.dead_ratio", _dead_share(row), **labels),
    ]


def _key(tick: Round, row: Row) -> tuple[str, ...]:
    """By the labels of its series, which is how the store remembers it."""
    return (tick.server.database, _name(row))


def _name(row: Row) -> str:
    schema, table = row[:2]
    return str(table) if schema == "public" else f"{schema}.{table}"


def _dead_share(row: Row) -> float | None:
    live, dead = int(row[3] or 0), int(row[4] or 0)
    return dead / (live + dead) if live + dead > 0 else None
