"""Stores for tests: rows that are easy to predict, answers as plain Python, files to break."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import nanoarrow

from data.home import Home
from data.ops.report import StoreLimits
from data.ops.store import Store
from models.monitoring import Aggregate, Row, SeriesKey

NOON = 1_763_899_200
"""2025-11-23 12:00:00 UTC, in epoch seconds."""
ANYWHERE = StoreLimits(free_min_bytes=0)


def home_in(folder: Path) -> Home:
    home = Home(folder / "home")
    home.make()
    return home


def opened(home: Home, now: float = NOON, limits: StoreLimits = ANYWHERE) -> Store:
    return Store.open(home, limits, now)


def key(number: int, machine: str = "vps") -> SeriesKey:
    return SeriesKey(machine, f"metric.{number % 7}", (("number", str(number)),))


def rows_at(taken_at: int, count: int = 5, value: float = 1.0, n: int = 5) -> list[Row]:
    """One row a series; the mean is `value` plus the series' number."""
    return [
        Row(
            key(number),
            "By",
            taken_at,
            Aggregate(value + number, value + number - 1, value + number + 1, n),
        )
        for number in range(count)
    ]


def write_ticks(
    store: Store, start: int, ticks: int, count: int = 5, step_seconds: int = 10
) -> list[int]:
    """Write and maintain at every step from `start`; the seqs."""
    seqs = []
    for tick in range(ticks):
        now = start + step_seconds * tick
        seqs.append(store.write(rows_at(now - 10, count, float(tick % 50)), now))
        store.maintain(now)
    return seqs


def ask(store: Store, sql: str, *params: object) -> list[tuple[Any, ...]]:
    stream = store.query(sql, params, rows_max=1_000_000, seconds_max=20)
    return rows_of(stream)


def rows_of(stream: bytes) -> list[tuple[Any, ...]]:
    table = nanoarrow.ArrayStream.from_readable(io.BytesIO(stream)).read_all()
    return [tuple(row.values()) for row in table.to_pylist()]


def one(store: Store, sql: str, *params: object) -> Any:
    return ask(store, sql, *params)[0][0]


def raw_tables(store: Store) -> list[str]:
    return [
        table
        for (table,) in ask(
            store, "SELECT table_name FROM periods WHERE tier = 'samples' ORDER BY first_at"
        )
    ]


def counts_by_seq(store: Store, tables: Iterable[str] | None = None) -> dict[int, int]:
    counts: dict[int, int] = {}
    for table in raw_tables(store) if tables is None else tables:
        counts.update(ask(store, f"SELECT seq, count(*) FROM {table} GROUP BY seq"))  # noqa: S608 our own names
    return counts


class Direct:
    """Answers a SELECT out of the open store, as the agent would."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def columns(self, sql: str, params: Sequence[object] = ()) -> dict[str, Any]:
        import pyarrow.ipc

        stream = self._store.query(sql, list(params), rows_max=200_000, seconds_max=5.0)
        table = pyarrow.ipc.open_stream(stream).read_all()
        return {n: table.column(n).to_numpy(zero_copy_only=False) for n in table.column_names}


def flip(path: Path, places: Sequence[int], mask: int = 0x55) -> None:
    with path.open("r+b") as file:
        for place in places:
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ mask]))
