"""The store as the agent uses it: rows in, questions answered, one owner."""

import os
import stat
import threading

import pytest

from data.ops.connection import open_for_reading
from data.ops.report import StoreLimits
from models.errors import QueryRefused, StoreError, StoreFull, StoreLocked
from models.monitoring import Aggregate, Row, SeriesKey
from tests.data.stores import (
    ANYWHERE,
    NOON,
    ask,
    home_in,
    one,
    opened,
    rows_at,
    rows_of,
    write_ticks,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path):
    return home_in(tmp_path)


@pytest.fixture
def store(home):
    store = opened(home)
    yield store
    store.close()


def test_what_is_written_can_be_asked_for(store):
    store.write(rows_at(NOON - 10, 2), NOON)

    assert ask(
        store,
        """
        SELECT epoch(taken_at)::BIGINT, machine, name, unit, labels, mean, min, max, n
        FROM samples JOIN series ON id = series_id ORDER BY id
        """,
    ) == [
        (NOON - 10, "vps", "metric.0", "By", '{"number": "0"}', 1.0, 0.0, 2.0, 5),
        (NOON - 10, "vps", "metric.1", "By", '{"number": "1"}', 2.0, 1.0, 3.0, 5),
    ]


def test_every_write_has_the_next_seq_and_outlives_the_process(home):
    store = opened(home)
    assert [store.write(rows_at(NOON + 10 * tick), NOON) for tick in range(3)] == [1, 2, 3]
    store.close()
    store = opened(home)

    assert store.write(rows_at(NOON + 30), NOON) == 4
    assert one(store, "SELECT count(*) FROM samples") == 20
    assert len(ask(store, "SELECT DISTINCT series_id FROM samples")) == 5
    assert store.report.losses == ()
    assert store.report.messages == ()
    store.close()


def test_a_batch_across_midnight_becomes_a_flush_a_day(store):
    midnight = NOON + 43_200
    store.write(rows_at(midnight - 10) + rows_at(midnight), midnight + 10)

    assert ask(store, "SELECT seq, row_count FROM flushes ORDER BY seq") == [(1, 5), (2, 5)]
    assert ask(store, "SELECT table_name FROM periods ORDER BY first_at") == [
        ("samples_20251123",),
        ("samples_20251124",),
    ]


def test_a_row_no_database_could_hold_does_not_take_its_batch_with_it(store):
    impossible = [
        Row(SeriesKey("vps", "x", ()), "1", NOON, Aggregate(mean, 0.0, 1.0, 1))
        for mean in (float("nan"), float("inf"), 1e39)
    ] + [Row(SeriesKey("vps", "x", ()), "1", -1, Aggregate(0.0, 0.0, 0.0, 1))]
    store.write(rows_at(NOON) + impossible, NOON + 10)

    assert one(store, "SELECT count(*) FROM samples") == 5
    assert store.status().rows_refused == 4


def test_names_of_any_bytes_are_kept_readable(store, home):
    odd = SeriesKey("vps", "disk", (("mount", "/media/\udcff 살림 'x\" \0"),))
    row = Row(odd, "By", NOON, Aggregate(1.0, 1.0, 1.0, 1))
    store.write([row], NOON)
    store.write([row], NOON + 10)

    assert ask(store, "SELECT id, labels FROM series") == [
        (1, '{"mount": "/media/? 살림 \'x\\" ?"}')
    ]
    assert store.status().series == 1


def test_one_agent_a_home(home, store):
    with pytest.raises(StoreLocked, match=f"process id {os.getpid()} .*SALLIM_HOME"):
        opened(home)


def test_readers_ask_the_agent_while_it_runs_and_read_the_file_when_it_does_not(home):
    store = opened(home)
    store.write(rows_at(NOON), NOON)
    # In another process DuckDB itself refuses; in this one it would share the open file.
    store.close()
    with open_for_reading(home) as connection:
        assert connection.execute("SELECT count(*) FROM samples").fetchone() == (5,)
        assert connection.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
    store = opened(home)
    store.close()


def test_a_reader_cannot_take_the_lock_that_the_agent_needs(home):
    before = os.umask(0o027)  # As a service: the group of the app may read.
    try:
        opened(home).close()
    finally:
        os.umask(before)

    assert stat.S_IMODE(home.lock.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.starting.stat().st_mode) == 0o640


@pytest.mark.slow
def test_a_reader_keeps_away_while_an_agent_opens_the_store(home):
    from data.locks import FileLock

    opened(home).close()
    starting = FileLock(home.starting)
    assert starting.acquire()
    with pytest.raises(StoreLocked, match="just opening"), open_for_reading(home):
        pass
    starting.release()


def test_without_a_store_a_reader_is_told_how_to_get_one(home):
    with pytest.raises(StoreError, match="Start the agent once"), open_for_reading(home):
        pass


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM series", "exactly one SELECT"),
        ("SELECT 1; SELECT 2", "exactly one SELECT"),
        ("", "exactly one SELECT"),
        ("BEGIN", "exactly one SELECT"),
        ("SET threads = 4", "exactly one SELECT"),
        ("COPY series TO '/tmp/series.csv'", "exactly one SELECT"),
        ("ATTACH '/tmp/other.duckdb'", "exactly one SELECT"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled by configuration"),
        ("SELECT * FROM '/etc/passwd'", "does not exist"),
        ("FROM enable_logging()", "changes the database"),
        ("FROM force_checkpoint()", "changes the database"),
        ("SELECT * FROM nowhere", "nowhere does not exist"),
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM store", "store does not exist"),
        ("SELECT error('no')", "no"),
        ("SELECT * FROM series WHERE id = ?", "parameter"),
        ("SELECT range FROM range(11)", "more than 10 rows"),
        ("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", "longer than"),
    ],
)
def test_what_is_not_one_small_select_is_refused(store, sql, said):
    with pytest.raises(QueryRefused, match=said):
        store.query(sql, [], rows_max=10, seconds_max=0.3)

    assert one(store, "SELECT 1") == 1


def test_parameters_of_every_kind_arrive(store):
    assert ask(store, "SELECT ?, ?, ?, ?, len(?)", 1, 1.5, "살림 ' OR 1", None, [1, 2, 3]) == [
        (1, 1.5, "살림 ' OR 1", None, 3)
    ]


def test_an_answer_without_rows_has_its_columns(store):
    stream = store.query("SELECT id, name FROM series", [], rows_max=1, seconds_max=1)

    assert rows_of(stream) == []
    assert b"name" in stream


@pytest.mark.slow
def test_questions_are_answered_while_rows_come_in(store):
    write_ticks(store, NOON, 3)
    stop = threading.Event()
    counts: list[int] = []
    errors: list[BaseException] = []

    def keep_asking() -> None:
        while not stop.is_set():
            try:
                counts.append(one(store, "SELECT count(*) FROM samples WHERE series_id <= ?", 5))
            except BaseException as error:
                errors.append(error)
                raise

    readers = [threading.Thread(target=keep_asking) for _ in range(4)]
    for reader in readers:
        reader.start()
    # Across midnight and far enough for rollups, so that views change under the readers.
    write_ticks(store, NOON + 43_200 - 1_200, 60, step_seconds=40)
    stop.set()
    for reader in readers:
        reader.join()

    assert errors == []
    assert max(counts) > 250
    assert all(count % 5 == 0 for count in counts)


def test_below_the_free_room_it_is_lean_and_still_answers(home):
    store = opened(home)
    store.write(rows_at(NOON), NOON)
    store.close()
    store = opened(home, NOON, StoreLimits(free_min_bytes=1 << 60))
    with pytest.raises(StoreFull, match="MB are free"):
        store.write(rows_at(NOON + 10), NOON + 10)

    assert store.status().state == "lean"
    assert one(store, "SELECT count(*) FROM samples") == 5
    store.close()


def test_nobody_else_may_read_the_files(home):
    opened(home).close()
    home.ops.chmod(0o666)
    home.control.chmod(0o666)
    store = opened(home, NOON, ANYWHERE)

    assert stat.S_IMODE(home.ops.stat().st_mode) == 0o640
    assert stat.S_IMODE(home.control.stat().st_mode) == 0o600
    store.close()


def test_the_status_says_what_the_store_holds(store):
    write_ticks(store, NOON, 20)
    status = store.status()

    assert (status.state, status.reason) == ("ok", None)
    assert (status.series, status.seq, status.rows_lost) == (5, 20, 0)
    assert 0 < status.size_bytes <= status.size_max_bytes
