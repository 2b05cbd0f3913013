import json
import sqlite3
from contextlib import closing

import pytest

from agent.collectors.sqlite import SqliteCollector
from models.metrics import METRICS
from models.settings.sqlite import Sqlite

HOUR_SECONDS = 3600.0


class HandClock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database(tmp_path):
    with closing(sqlite3.connect(tmp_path / "n8n.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE runs (data BLOB)")
        yield connection


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def collector(tmp_path, clock, database):
    return SqliteCollector(Sqlite(name="n8n", path=str(tmp_path / "n8n.sqlite")), clock)


def test_every_value_is_a_known_metric_of_this_source(collector):
    readings = collector.collect(0.0)

    assert {reading.labels for reading in readings} == {(("source", "n8n"),)}
    assert {reading.name for reading in readings} <= METRICS.keys()
    assert all(reading.value is not None for reading in readings)
    assert collector.left_out == {}


def test_growth_and_the_days_until_the_disk_is_full_are_told(collector, clock, database):
    for _ in range(5):
        database.execute("INSERT INTO runs VALUES (randomblob(1000000))")
        collector.collect(0.0)
        clock.now += HOUR_SECONDS
    told = collector.details()

    assert told["growth_bytes_per_day"] == pytest.approx(24e6, rel=0.1)
    assert told["days_to_full"] is None or told["days_to_full"] > 0
    assert json.loads(json.dumps(told)) == told


def test_a_file_that_cannot_be_read_just_now_leaves_gaps_and_says_why(tmp_path, clock):
    path = tmp_path / "held.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE runs (data BLOB)")
        connection.execute("BEGIN EXCLUSIVE")
        collector = SqliteCollector(Sqlite(path=str(path), timeout_seconds=0.5), clock)
        values = {reading.name: reading.value for reading in collector.collect(0.0)}

    assert values["sqlite.size"] == path.stat().st_size
    assert values["sqlite.response.duration"] is None
    assert [str(reason)[:40] for reason in collector.left_out.values()] == [
        f"another program keeps {path} locked"[:40]
    ]
