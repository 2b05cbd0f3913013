"""Tables of periods: views over them, sealing, retention, the cap."""

from datetime import UTC, datetime

import pytest

from data.ops.books import Books
from data.ops.connection import open_for_writing
from data.ops.periods import PeriodBook, period_of
from data.ops.report import StoreLimits
from data.ops.retention import ClockGuard
from data.ops.schema import MIGRATIONS, migrate
from data.ops.store import Store
from data.ops.verify import tables_of
from models.errors import StoreError
from models.monitoring import Aggregate, Row
from models.tiers import DAY_SECONDS, HOUR_SECONDS, MINUTE, RAW, TEN_MINUTES
from tests.data.stores import (
    ANYWHERE,
    NOON,
    ask,
    home_in,
    key,
    one,
    opened,
    rows_at,
    write_ticks,
)

pytestmark = pytest.mark.slow

MIDNIGHT = NOON + DAY_SECONDS // 2


def tables(store: Store, view: str) -> list[str]:
    sql = "SELECT table_name FROM periods WHERE tier = ? ORDER BY first_at"
    return [table for (table,) in ask(store, sql, view)]


def keep_maintaining(store: Store, now: int, calls: int = 40) -> None:
    """Let it do all that is due; the clock goes on by ten seconds a call, as in the agent."""
    for call in range(calls):
        store.maintain(now + 10 * call)


def test_a_day_is_a_utc_day_and_a_month_ends_where_the_next_begins():
    day = period_of(RAW, NOON)
    month = period_of(TEN_MINUTES, datetime(2025, 12, 31, 23, 59, tzinfo=UTC).timestamp())

    assert (day.table, day.first_at, day.end_at) == (
        "samples_20251123",
        MIDNIGHT - DAY_SECONDS,
        MIDNIGHT,
    )
    assert month.table == "samples_10m_202512"
    assert month.end_at == datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def test_the_views_show_all_periods_and_no_seq(store):
    write_ticks(store, MIDNIGHT - 300, 60)

    columns = [row[0] for row in ask(store, "SELECT column_name FROM (DESCRIBE samples)")]
    assert columns == ["taken_at", "series_id", "mean", "min", "max", "n"]
    assert tables(store, "samples") == ["samples_20251123", "samples_20251124"]
    assert one(store, "SELECT count(*) FROM samples") == 300


def test_views_of_a_new_store_have_their_columns_and_no_rows(store):
    for tier in (RAW, MINUTE, TEN_MINUTES):
        assert ask(store, f"SELECT typeof(taken_at), mean, n FROM {tier.view}") == []  # noqa: S608 our own names


def test_a_day_that_is_over_is_sorted_by_series_and_loses_no_row(store):
    write_ticks(store, MIDNIGHT - 600, 60)
    before = one(store, "SELECT bit_xor(hash(taken_at, series_id, mean, n))::VARCHAR FROM samples")
    keep_maintaining(store, MIDNIGHT + 2 * HOUR_SECONDS)

    raw = "samples_20251123"
    rows = ask(store, f"SELECT series_id, epoch(taken_at), seq FROM {raw} ORDER BY rowid")  # noqa: S608 our own names
    assert rows == sorted(rows)
    assert one(store, "SELECT count(*) FROM periods WHERE sealed") == 2
    after = one(store, "SELECT bit_xor(hash(taken_at, series_id, mean, n))::VARCHAR FROM samples")
    assert after == before


@pytest.mark.slow
def test_a_row_that_comes_while_its_day_is_being_sorted_is_not_lost(store):
    write_ticks(store, MIDNIGHT - 600, 60)
    for step in range(8):
        now = MIDNIGHT + 2 * HOUR_SECONDS + 10 * step
        store.maintain(now)
        store.write(rows_at(MIDNIGHT - 20, 1, 5.0), now)
    keep_maintaining(store, MIDNIGHT + 3 * HOUR_SECONDS)

    assert one(store, "SELECT count(*) FROM samples") == 308
    assert one(store, "SELECT sum(n)::BIGINT FROM samples_1m") == 308 * 5
    assert not [t for (t,) in ask(store, "SHOW TABLES") if t.startswith("sorting")]


@pytest.mark.slow
def test_each_tier_is_kept_its_time_and_dropped_by_table(store):
    write_ticks(store, NOON, 60)
    seen = {}
    for days in (1, 3, 31, 432):
        for hour in (0, 2):
            keep_maintaining(store, NOON + days * DAY_SECONDS + hour * HOUR_SECONDS)
        seen[days] = [len(tables(store, tier.view)) for tier in (RAW, MINUTE, TEN_MINUTES)]

    assert seen == {1: [1, 1, 1], 3: [0, 1, 1], 31: [0, 0, 1], 432: [0, 0, 0]}
    assert one(store, "SELECT count(*) FROM flushes") == 0


@pytest.mark.slow
def test_a_tier_lives_as_long_as_the_owner_set(tmp_path):
    week = StoreLimits(
        free_min_bytes=0,
        kept_seconds={
            RAW.view: 7 * DAY_SECONDS,
            MINUTE.view: 60 * DAY_SECONDS,
            TEN_MINUTES.view: 400 * DAY_SECONDS,
        },
    )
    store = opened(home_in(tmp_path), limits=week)
    write_ticks(store, NOON, 60)
    seen = {}
    for days in (6, 9, 59, 62):
        for hour in (0, 2):
            keep_maintaining(store, NOON + days * DAY_SECONDS + hour * HOUR_SECONDS)
        seen[days] = [len(tables(store, tier.view)) for tier in (RAW, MINUTE)]
    store.close()

    assert seen == {6: [1, 1], 9: [0, 1], 59: [0, 1], 62: [0, 0]}


def test_a_series_goes_with_its_last_row_and_its_id_is_never_given_again(store):
    store.write(rows_at(NOON, 3), NOON)
    keep_maintaining(store, NOON + 700)
    far = NOON + 500 * DAY_SECONDS
    for hour in (0, 2):
        keep_maintaining(store, far + hour * HOUR_SECONDS)
    assert store.status().series == 0
    assert one(store, "SELECT count(*) FROM series") == 0

    store.write([Row(key(9), "1", far, Aggregate(1.0, 1.0, 1.0, 1))], far)
    assert ask(store, "SELECT id FROM series") == [(4,)]


def test_nothing_is_dropped_by_age_when_the_clock_has_just_jumped_ahead(store):
    write_ticks(store, NOON, 10)
    keep_maintaining(store, NOON + 90 * DAY_SECONDS, 100)
    assert len(tables(store, "samples")) == 1

    keep_maintaining(store, NOON + 90 * DAY_SECONDS + HOUR_SECONDS, 100)
    assert tables(store, "samples") == []


def test_a_clock_that_comes_back_is_trusted_at_once():
    guard = ClockGuard(NOON)
    assert guard.trusts(NOON + 10)
    assert not guard.trusts(NOON + 30 * DAY_SECONDS)
    assert guard.trusts(NOON + 20)


@pytest.mark.slow
def test_beyond_the_cap_the_oldest_goes_first_and_only_what_must(tmp_path):
    home = home_in(tmp_path)
    store = opened(home)
    for day in range(5):
        write_ticks(store, NOON + day * DAY_SECONDS, 20, count=300)
    newest = NOON + 4 * DAY_SECONDS + 600
    store.close()
    store = opened(home, newest)
    full = store.status().size_bytes
    store.close()
    store = opened(home, newest, StoreLimits(size_max_bytes=full * 19 // 20, free_min_bytes=0))
    keep_maintaining(store, newest, 100)
    status = store.status()

    assert status.size_bytes <= status.size_max_bytes
    assert 0 < status.periods_evicted < 5
    left = ask(store, "SELECT epoch(end_at) FROM periods")
    gone = ask(store, "SELECT epoch(end_at) FROM drops")
    assert max(gone) <= min(left)
    store.close()


def test_an_evicted_day_is_expected_no_longer(tmp_path):
    home = home_in(tmp_path)
    store = opened(home)
    write_ticks(store, NOON, 30, count=300)
    store.close()
    tiny = StoreLimits(size_max_bytes=1, free_min_bytes=0)
    store = opened(home, NOON + DAY_SECONDS, tiny)
    keep_maintaining(store, NOON + DAY_SECONDS, 40)
    assert store.status().periods_evicted == 2
    store.close()
    store = opened(home, NOON + DAY_SECONDS + 600, ANYWHERE)

    assert store.report.losses == ()
    store.close()


def test_migrations_run_once_in_order_each_with_its_record(tmp_path):
    path = tmp_path / "ops.duckdb"
    connection = open_for_writing(path)
    assert migrate(connection, NOON) == len(MIGRATIONS)
    assert migrate(connection, NOON) == 0
    assert connection.execute("SELECT number, name FROM migrations").fetchall() == [
        (number, step.__name__) for number, step in enumerate(MIGRATIONS, start=1)
    ]
    connection.close()


def test_calls_of_an_older_store_are_read_after_the_columns_of_prompts_came(tmp_path, monkeypatch):
    path = tmp_path / "ops.duckdb"
    monkeypatch.setattr("data.ops.schema.MIGRATIONS", MIGRATIONS[:3])
    connection = open_for_writing(path)
    migrate(connection, NOON)
    connection.execute("""
        INSERT INTO calls BY NAME SELECT 'a' AS call_id, 1 AS attempt, 1 AS labels_id,
            'settled' AS state, '' AS job_key, now() AS opened_at, 0 AS usd, 0 AS worst_usd,
            7 AS won, 9 AS worst_won, 200 AS status, 0 AS latency_us, 0 AS overhead_us,
            0 AS input_tokens, 0 AS cache_read_tokens, 0 AS cache_write_5m_tokens,
            0 AS cache_write_1h_tokens, 0 AS output_tokens, 0 AS reasoning_tokens,
            0 AS audio_input_tokens, 0 AS media_input_tokens, '' AS tool_calls, '' AS error,
            1 AS seq
    """)
    connection.close()
    monkeypatch.undo()
    for _ in range(2):
        connection = open_for_writing(path)
        migrate(connection, NOON)
        found = connection.execute("SELECT call_id, won::INTEGER, prompt_hash FROM cost_facts")
        assert found.fetchall() == [("a", 7, None)]
        connection.close()


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    home = home_in(tmp_path)
    opened(home).close()
    connection = open_for_writing(home.ops)
    connection.execute("INSERT INTO migrations VALUES (99, 'later', now())")
    connection.close()
    before = home.ops.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        opened(home)

    assert home.ops.read_bytes() == before


def test_what_a_transaction_made_is_forgotten_when_it_is_rolled_back(tmp_path):
    connection = open_for_writing(tmp_path / "ops.duckdb")
    migrate(connection, NOON)
    books = Books(connection)
    connection.execute("BEGIN")
    books.periods.ensure(connection, RAW, NOON)
    connection.execute("ROLLBACK")
    books.reload(connection)

    assert PeriodBook(connection).all() == books.periods.all() == []
    assert "samples_20251123" not in tables_of(connection)
    connection.close()
