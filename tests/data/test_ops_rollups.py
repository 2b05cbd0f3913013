"""Rollups through the real SQL: each row is folded exactly once, whatever the clock does."""

from collections import defaultdict
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ops.store import Store
from models.monitoring import Aggregate, Row
from models.rollups import bucket_start, merged
from models.tiers import DAY_SECONDS, MINUTE, TEN_MINUTES, Tier
from tests.data.stores import NOON, ask, home_in, key, one, opened, rows_at, write_ticks

pytestmark = [pytest.mark.slow, pytest.mark.zone]


def rolled(store: Store, tier: Tier) -> dict[tuple[int, int], Aggregate]:
    rows = ask(
        store,
        f"SELECT epoch(taken_at)::BIGINT, series_id, mean, min, max, n FROM {tier.view}",  # noqa: S608 our own names
    )
    assert len({row[:2] for row in rows}) == len(rows), "a bucket stands twice"
    return {row[:2]: Aggregate(*row[2:]) for row in rows}


def folded(
    parts: Iterable[tuple[tuple[int, int], Aggregate]], tier: Tier, before: int
) -> dict[tuple[int, int], Aggregate]:
    """The same, worked out by models/rollups.py: buckets that start before `before`."""
    buckets = defaultdict(list)
    for (at, series_id), aggregate in parts:
        if at < before:
            buckets[bucket_start(at, tier.step_seconds), series_id].append(aggregate)
    return {bucket: merged(aggregates) for bucket, aggregates in buckets.items()}


def assert_same(
    found: dict[tuple[int, int], Aggregate], expected: dict[tuple[int, int], Aggregate]
) -> None:
    assert found.keys() == expected.keys()
    for bucket, aggregate in expected.items():
        here = found[bucket]
        assert (here.n, here.min, here.max) == (aggregate.n, aggregate.min, aggregate.max)
        assert here.mean == pytest.approx(aggregate.mean, rel=1e-5, abs=1e-5)


values = st.floats(-1e6, 1e6, width=32)
aggregates = st.builds(
    lambda three, n: Aggregate(sorted(three)[1], min(three), max(three), n),
    st.tuples(values, values, values),
    st.integers(1, 30),
)
NUMBERS = "SELECT id, labels ->> 'number' FROM series"

batches = st.lists(
    st.tuples(
        # How far the clock goes on or steps back, and how late each row comes.
        st.sampled_from((10, 10, 10, 60, 700, 4_000, 90_000, -300, -5_000, -100_000)),
        st.lists(
            st.tuples(st.integers(0, 3), st.sampled_from((0, 30, 200, 3_000, 90_000)), aggregates),
            max_size=6,
        ),
    ),
    min_size=1,
    max_size=15,
)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(batches=batches)
def test_a_rollup_of_rollups_equals_the_rollup_of_the_raw(tmp_path_factory, batches):
    store = opened(home_in(tmp_path_factory.mktemp("rollups")))
    try:
        now = latest = NOON
        written = []
        for step, rows in batches:
            now += step
            latest = max(latest, now)
            batch = [
                Row(key(number), "1", (now - late) // 10 * 10, value)
                for number, late, value in rows
            ]
            store.write(batch, now)
            store.maintain(now)
            written += batch
        # A calm end: the clock goes on until everything that was written is folded.
        for _ in range(20):
            store.maintain(latest + 700)
        assert_all_folded(store, written)
    finally:
        store.close()


def assert_all_folded(store: Store, written: list[Row]) -> None:
    names = {number: series_id for series_id, number in ask(store, NUMBERS)}
    raw = [((row.taken_at, names[row.series.labels[0][1]]), row.value) for row in written]
    end = max((row.taken_at for row in written), default=NOON) + 600
    minutes, tens = rolled(store, MINUTE), rolled(store, TEN_MINUTES)
    assert_same(minutes, folded(raw, MINUTE, end))
    assert_same(tens, folded(raw, TEN_MINUTES, end))
    assert_same(tens, folded(minutes.items(), TEN_MINUTES, end))


def test_a_bucket_is_folded_when_its_slowest_rows_are_in(store):
    store.write(rows_at(NOON), NOON + 10)
    store.maintain(NOON + 100)
    assert rolled(store, MINUTE) == {}
    store.maintain(NOON + 150)

    assert len(rolled(store, MINUTE)) == 5


@pytest.mark.slow
def test_a_late_row_is_merged_into_the_rollups_with_its_batch(store):
    write_ticks(store, NOON, 40, step_seconds=60)
    before = rolled(store, TEN_MINUTES)[NOON, 1]
    store.write(rows_at(NOON + 20, 1, 1_000.0, 7), NOON + 2_410)

    after = rolled(store, TEN_MINUTES)[NOON, 1]
    assert (after.n, after.max) == (before.n + 7, 1_001.0)


def test_rows_of_three_days_ago_reach_the_rollups_though_their_raw_day_is_dropped(store):
    write_ticks(store, NOON, 30)
    old = NOON - 3 * DAY_SECONDS
    store.write(rows_at(old, 2), NOON + 400)
    for minute in range(5):
        store.maintain(NOON + 400 + 60 * minute)

    raw = "SELECT count(*) FROM samples WHERE taken_at < to_timestamp(?)"
    assert one(store, raw, NOON - 600) == 0
    assert rolled(store, MINUTE)[old, 1].n == 5


@pytest.mark.slow
def test_a_clock_that_steps_back_by_hours_doubles_nothing(store):
    write_ticks(store, NOON, 60, step_seconds=180)
    write_ticks(store, NOON + 1_600, 60, step_seconds=180)

    sums = [
        one(store, f"SELECT sum(n) FROM {view} WHERE taken_at < to_timestamp(?)", NOON + 9_600)  # noqa: S608 our own names
        for view in ("samples", "samples_1m", "samples_10m")
    ]
    assert sums[0] == sums[1] == sums[2]


def test_a_clock_that_was_in_the_next_century_for_a_moment_does_no_lasting_harm(store):
    write_ticks(store, NOON, 30)
    write_ticks(store, NOON + 75 * 365 * DAY_SECONDS, 30)
    write_ticks(store, NOON + 300, 60)

    here = [at for at, series_id in rolled(store, MINUTE) if at < NOON + 1_000 and series_id == 1]
    assert len(here) == 14
    raw = "SELECT count(*) FROM samples WHERE taken_at < to_timestamp(?)"
    assert one(store, raw, NOON + 1_000) == 90 * 5
