"""The demo's home: filled fast, continued without a seam, and never in the place of a real one."""

# ruff: noqa: S608  Names of views are our own.

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.advice import facts
from data.demo import fill, fill_bench
from data.home import Home
from data.locks import FileLock
from data.ops.connection import open_for_looking
from data.ops.report import StoreLimits
from data.ops.store import Store
from data.reader import Reader
from models.costs.advice import advise, together
from models.costs.advice.shapes import Market
from models.demo import VPS, values
from models.errors import ConfigError, StoreLocked
from models.monitoring import Aggregate, Row, SeriesKey
from sallim.prices import PriceList, shipped

pytestmark = [pytest.mark.slow, pytest.mark.zone]

ROOT = Path(__file__).parents[2]
NOW = 1_795_413_614.0  # 2026-11-23 06:00:14 UTC
CPU = SeriesKey(VPS, "machine.cpu.utilization", ())


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Home:
    """A demo of four days; tests that change it take a copy."""
    home = Home(tmp_path_factory.mktemp("demo"))
    assert fill(home, NOW, days=4)
    return home


@pytest.fixture
def store(filled, tmp_path) -> Iterator[Store]:
    """A copy of the demo, opened as the agent opens it."""
    home = Home(tmp_path / "home")
    home.make()
    for path in (filled.ops, filled.control):
        (home.path / path.name).write_bytes(path.read_bytes())
    store = Store.open(home, StoreLimits(), NOW + 20)
    yield store
    store.close()


def rows_of(home: Home, sql: str) -> list[tuple]:
    connection = open_for_looking(home.ops)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_its_calls_show_most_kinds_of_advice(filled):
    """Four days of them: less than the month that a demo has."""
    known = facts(Reader(filled), NOW, ZoneInfo("Asia/Seoul"))
    found = advise(known, Market(PriceList(shipped().rates), int(NOW * 1_000_000)))

    kinds = {one.kind for one in found}
    assert kinds >= {"cheaper_model", "batch", "repeated", "caching", "limits"}
    assert together(found) > 100


def test_the_agent_opens_it_as_it_would_its_own(store):
    assert store.report.losses == ()
    assert store.report.messages == ()
    assert store.status().state == "ok"


def test_what_is_stored_is_what_the_household_shows(filled):
    (at, mean), *_ = rows_of(
        filled,
        """
        SELECT epoch(taken_at), mean FROM samples JOIN series ON id = series_id
        WHERE machine = 'vps' AND name = 'machine.cpu.utilization' ORDER BY taken_at DESC LIMIT 1
        """,
    )

    assert NOW - 20 <= at < NOW
    assert mean == pytest.approx(values(VPS, at, math)[CPU], rel=1e-6)


def test_databases_and_services_have_a_history_on_the_small_server(filled):
    names = {
        name
        for (name,) in rows_of(filled, "SELECT DISTINCT name FROM series WHERE machine = 'vps'")
    }
    kinds = {kind for (kind,) in rows_of(filled, "SELECT DISTINCT kind FROM things")}

    assert names >= {"postgresql.blocked", "redis.queue.length", "http.check.up", "n8n.ready"}
    assert kinds >= {"workflow", "statement", "blocker"}


@pytest.mark.parametrize(
    ("view", "seconds", "n"), [("samples_1m", 60, 6), ("samples_10m", 600, 60)]
)
def test_the_rollups_are_those_of_the_raw_rows(filled, view, seconds, n):
    differing = rows_of(
        filled,
        f"""
        WITH folded AS (
            SELECT time_bucket(INTERVAL {seconds} SECONDS, taken_at) AS taken_at, series_id,
                   avg(mean) AS mean, min(min) AS low, max(max) AS high, sum(n) AS n
            FROM samples GROUP BY ALL)
        SELECT count(*), count(*) FILTER (
            abs(folded.mean - {view}.mean) > 1e-5 * (1e-9 + abs(folded.mean))
            OR low <> min OR high <> max OR folded.n <> {view}.n)
        FROM folded JOIN {view} USING (taken_at, series_id)
        """,
    )

    (compared, wrong), *_ = differing
    assert compared > 100_000 / n
    assert wrong == 0


def test_the_agent_folds_on_where_the_demo_ends(store):
    times = [int(NOW) // 10 * 10 + 10 * step for step in range(90)]
    store.write([Row(CPU, "1", at, Aggregate(0.5, 0.5, 0.5, 1)) for at in times], NOW + 900)
    for _ in range(20):
        store.maintain(NOW + 1_100)

    stream = store.query(
        """
        SELECT epoch(taken_at)::BIGINT AS at, n FROM samples_1m JOIN series ON id = series_id
        WHERE machine = 'vps' AND name = 'machine.cpu.utilization' AND taken_at >= to_timestamp(?)
        ORDER BY taken_at
        """,
        [NOW - 1_800],
        rows_max=1_000,
        seconds_max=5,
    )
    columns = read_stream(stream)
    assert np.diff(columns["at"]).tolist() == [60] * (len(columns["at"]) - 1)
    assert set(columns["n"][1:-2].tolist()) == {6}


def test_every_tier_reaches_back_as_far_as_it_is_kept(filled):
    hours = {
        view: rows_of(
            filled, f"SELECT (epoch(max(taken_at)) - epoch(min(taken_at))) / 3600 FROM {view}"
        )
        for view in ("samples", "samples_1m", "samples_10m")
    }

    assert hours["samples"][0][0] >= 48
    assert hours["samples_1m"][0][0] >= 96
    assert hours["samples_10m"][0][0] >= 96


def test_a_demo_that_ends_now_is_left_as_it_is(filled):
    before = filled.ops.stat().st_mtime_ns

    assert fill(filled, NOW + 1_800, days=4) is False
    assert filled.ops.stat().st_mtime_ns == before


def test_a_demo_of_yesterday_is_filled_anew(tmp_path):
    home = Home(tmp_path)
    fill(home, NOW - 86_400, days=1)

    assert fill(home, NOW, days=1) is True

    (newest,), *_ = rows_of(home, "SELECT epoch(max(taken_at)) FROM samples")
    assert NOW - 20 <= newest < NOW


def test_a_real_store_is_never_replaced(tmp_path):
    home = Home(tmp_path)
    Store.open(home, StoreLimits(), NOW).close()

    with pytest.raises(ConfigError, match="holds a real store"):
        fill(home, NOW, days=1)


def test_a_ledger_without_a_store_is_somebodys_money_and_no_place_for_a_demo(tmp_path):
    home = Home(tmp_path)
    home.ledger_folder.mkdir()
    home.ledger.write_bytes(b"")

    with pytest.raises(ConfigError, match="holds a real store"):
        fill(home, NOW, days=1)


def test_a_demo_that_an_agent_runs_on_is_left_to_it(tmp_path):
    home = Home(tmp_path)
    fill(home, NOW - 86_400, days=1)
    lock = FileLock(home.lock)
    assert lock.acquire()

    with pytest.raises(StoreLocked, match="an agent runs on this demo"):
        fill(home, NOW, days=1)
    lock.release()


def test_the_benchmarks_store_opens_too(tmp_path):
    home = Home(tmp_path)
    fill_bench(home, NOW, days=3, series=7)

    store = Store.open(home, StoreLimits(), NOW + 20)
    status = store.status()
    store.close()

    assert store.report.losses == ()
    assert status.series == 7


@pytest.mark.slow
def test_the_command_makes_a_home_that_says_it_is_a_demo(tmp_path):
    home = tmp_path / "demo-store"
    command = [sys.executable, "-m", "agent", "demo", "--home", str(home), "--days", "1"]

    made, again = (
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True) for _ in range(2)
    )

    assert b"made-up data" in made.stdout
    assert b"reaches up to now" in again.stdout
    assert "demo = true" in (home / "sallim.toml").read_text()


def read_stream(stream: bytes) -> dict[str, np.ndarray]:
    import pyarrow.ipc

    table = pyarrow.ipc.open_stream(stream).read_all()
    return {name: table.column(name).to_numpy() for name in table.column_names}


def test_the_household_has_calls_refusals_and_balances(filled):
    [(calls, won, labels)] = rows_of(
        filled, "SELECT count(*), sum(won), count(DISTINCT labels_id) FROM cost_facts"
    )

    assert calls > 1_500
    assert 1_000 < won < 4_000
    assert labels < 100
    assert rows_of(filled, "SELECT bucket_id, cap_won::INTEGER FROM balances ORDER BY ALL") == [
        *[("api", 15_000)] * 2,
        *[("servers", 9_900)] * 2,
        *[("total", 24_900)] * 2,
    ]
    assert rows_of(filled, "SELECT count(*) FROM fx_rates") == [(1,)]
