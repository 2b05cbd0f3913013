"""Batches of samples on their way in: the book of series, and one flush."""

# ruff: noqa: S608  Names of tables are made by periods.py out of a tier and a date.

import json
from collections.abc import Iterable, Sequence

import duckdb

from data.control import Flush, SeriesRow
from data.ops.periods import Period
from models.monitoring import Row, SeriesKey

FLOAT_MAX = 3.4e38
YEAR_2200_SECONDS = 7_258_118_400

Connection = duckdb.DuckDBPyConnection


class SeriesBook:
    """Which id stands for which series, in memory; `reload` after a rollback."""

    def __init__(self, connection: Connection) -> None:
        self._ids: dict[SeriesKey, int] = {}
        self._last_id = 0
        self._news: list[SeriesRow] = []
        self.reload(connection)

    def __len__(self) -> int:
        # A key with unreadable bytes stands beside its readable form.
        return len(set(self._ids.values()))

    def reload(self, connection: Connection) -> None:
        rows = connection.execute("SELECT id, machine, name, labels FROM series").fetchall()
        self._ids = {
            SeriesKey(machine, name, tuple(json.loads(labels).items())): number
            for number, machine, name, labels in rows
        }
        # The store never gives an id twice, so rows of a series that is gone cannot change hands.
        row = connection.execute("SELECT value FROM meta WHERE key = 'last_series_id'").fetchone()
        self._last_id = max([int(row[0]) if row else 0, *self._ids.values()])
        known = set(self._ids.values())
        self._news = [fresh for fresh in self._news if fresh.id in known]

    def ids_of(self, connection: Connection, rows: Sequence[Row], now: float) -> list[int]:
        """The id of each row's series; new series are inserted. In a transaction."""
        fresh: list[SeriesRow] = []
        ids = []
        for row in rows:
            known = self._ids.get(row.series)
            if known is None:
                known = self._learn(row, fresh, int(now))
            ids.append(known)
        if fresh:
            insert_series(connection, fresh)
            _remember_last_id(connection, self._last_id)
            self._news += fresh
        return ids

    def take_news(self) -> list[SeriesRow]:
        """Series that are new since this was asked last; control keeps a copy of them."""
        news, self._news = self._news, []
        return news

    def _learn(self, row: Row, fresh: list[SeriesRow], now: int) -> int:
        key = readable(row.series)
        known = self._ids.get(key)
        if known is None:
            self._last_id += 1
            known = self._ids[key] = self._last_id
            labels = json.dumps(dict(key.labels), ensure_ascii=False)
            fresh.append(SeriesRow(known, key.machine, key.name, row.unit, labels, now))
        self._ids[row.series] = known
        return known

    def forget(self, ids: Iterable[int]) -> None:
        gone = set(ids)
        self._ids = {key: number for key, number in self._ids.items() if number not in gone}


def insert_series(connection: Connection, rows: Sequence[SeriesRow]) -> None:
    connection.execute(
        """
        INSERT INTO series
        SELECT (s ->> 0)::INTEGER, s ->> 1, s ->> 2, s ->> 3, s ->> 4,
               to_timestamp((s ->> 5)::BIGINT)
        FROM (SELECT unnest(from_json(?::JSON, '["JSON"]')) AS s)
        """,
        [json.dumps(rows)],
    )


def all_series(connection: Connection) -> list[SeriesRow]:
    rows = connection.execute("""
        SELECT id, machine, name, unit, labels, epoch(created_at)::BIGINT FROM series ORDER BY id
    """).fetchall()
    return [SeriesRow(*row) for row in rows]


def _remember_last_id(connection: Connection, last_id: int) -> None:
    connection.execute("DELETE FROM meta WHERE key = 'last_series_id'")
    connection.execute("INSERT INTO meta VALUES ('last_series_id', ?)", [str(last_id)])


def insert(
    connection: Connection, period: Period, flush: Flush, rows: Iterable[tuple[int, Row]]
) -> None:
    """Write rows with the ids of their series into one raw table. In a transaction.

    JSON carries the batch: `executemany` takes ten times as long. A row of one value, which is
    every row while nobody watches, needs only its series and that value.
    """
    single: dict[int, tuple[list[int], list[float]]] = {}
    folded = []
    for number, row in rows:
        mean, low, high, n = row.value
        if n == 1 and low == mean == high:
            ids, values = single.setdefault(row.taken_at, ([], []))
            ids.append(number)
            values.append(mean)
        else:
            folded.append([row.taken_at, number, *row.value])
    for taken_at, columns in single.items():
        _insert_single(connection, period, flush.seq, taken_at, columns)
    if folded:
        _insert_folded(connection, period, flush.seq, folded)
    connection.execute(
        "INSERT INTO flushes VALUES (?, ?, to_timestamp(?), to_timestamp(?))",
        [flush.seq, flush.row_count, flush.first_at, flush.last_at],
    )


def _insert_single(
    connection: Connection,
    period: Period,
    seq: int,
    taken_at: int,
    columns: tuple[list[int], list[float]],
) -> None:
    connection.execute(
        f"""
        INSERT INTO {period.table}
        SELECT to_timestamp($1), series_id, value, value, value, 1, $2
        FROM (SELECT unnest(from_json($3::JSON -> 0, '["INTEGER"]')) AS series_id,
                     unnest(from_json($3::JSON -> 1, '["FLOAT"]')) AS value)
        """,
        [taken_at, seq, json.dumps(columns)],
    )


def _insert_folded(
    connection: Connection, period: Period, seq: int, rows: Sequence[Sequence[float]]
) -> None:
    connection.execute(
        f"""
        INSERT INTO {period.table}
        SELECT to_timestamp((r ->> 0)::BIGINT), (r ->> 1)::INTEGER, (r ->> 2)::FLOAT,
               (r ->> 3)::FLOAT, (r ->> 4)::FLOAT, (r ->> 5)::INTEGER, ?
        FROM (SELECT unnest(from_json(?::JSON, '["JSON"]')) AS r)
        """,
        [seq, json.dumps(rows)],
    )


def storable(row: Row) -> bool:
    """Whether DuckDB can hold the row: one that it cannot would refuse its whole batch for ever."""
    mean, low, high, n = row.value
    # Comparisons with what is not a number are false.
    return (
        -FLOAT_MAX < low < FLOAT_MAX
        and -FLOAT_MAX < mean < FLOAT_MAX
        and -FLOAT_MAX < high < FLOAT_MAX
        and 0 < n < 2**31
        and 0 <= row.taken_at < YEAR_2200_SECONDS
    )


def readable(key: SeriesKey) -> SeriesKey:
    """The key with every text valid UTF-8: names of devices and mounts may be any bytes."""
    return SeriesKey(
        _utf8(key.machine),
        _utf8(key.name),
        tuple(sorted((_utf8(name), _utf8(value)) for name, value in key.labels)),
    )


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def by_day(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows grouped by UTC day, since a flush never spans two raw tables."""
    days: dict[int, list[Row]] = {}
    for row in rows:
        days.setdefault(row.taken_at // 86_400, []).append(row)
    return [days[day] for day in sorted(days)]
