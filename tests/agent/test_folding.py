import math

from hypothesis import given
from hypothesis import strategies as st

from agent.folding import BUCKETS_MAX, Folder
from agent.live import KEPT_SECONDS, LiveBoard
from models.monitoring import Reading, SeriesKey

UPTIME = SeriesKey("here", "system.uptime", ())
values = st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=20)


def up(value):
    return [Reading("system.uptime", value)]


@given(values)
def test_a_bucket_keeps_mean_extremes_and_count(readings):
    folder = Folder()
    for value in readings:
        folder.add("here", up(value), 1_000.0)

    [row] = folder.take(2_000)

    assert (row.value.min, row.value.max, row.value.n) == (
        min(readings),
        max(readings),
        len(readings),
    )
    assert math.isclose(
        row.value.mean, math.fsum(readings) / len(readings), rel_tol=1e-9, abs_tol=1e-3
    )


def test_buckets_are_half_open_and_carry_the_unit():
    folder = Folder()
    folder.add("here", up(1.0), 1_009.999)
    folder.add("here", up(2.0), 1_010.0)

    assert [(row.taken_at, row.unit) for row in folder.take(2_000)] == [(1_000, "s"), (1_010, "s")]


def test_a_bucket_that_has_not_ended_stays():
    folder = Folder()
    folder.add("here", up(1.0), 1_005.0)

    assert folder.take(1_009.0) == []
    assert len(folder.take(1_010.0)) == 1


def test_gaps_and_what_is_not_a_number_are_not_stored():
    folder = Folder()
    for value in (None, math.nan, math.inf):
        folder.add("here", up(value), 1_000.0)

    assert folder.take(2_000) == []


def test_what_the_store_could_not_take_comes_again():
    folder = Folder()
    folder.add("here", up(1.0), 1_000.0)
    rows = folder.take(2_000)

    folder.put_back(rows)

    assert folder.take(2_000) == rows


def test_a_store_that_is_away_for_long_costs_the_oldest_and_they_are_counted():
    folder = Folder()
    for n in range(BUCKETS_MAX + 3):
        folder.add("here", up(1.0), 1_000.0 + 10 * n)

    assert folder.dropped == 3
    assert min(row.taken_at for row in folder.take(math.inf)) == 1_030


def test_the_board_knows_the_last_fifteen_minutes_and_no_more():
    board = LiveBoard()
    for second in range(0, 4_000, 2):
        board.add("here", up(float(second)), float(second))

    [series] = board.as_json({"system.uptime"}, since=4_000 - KEPT_SECONDS)

    assert series["value"] == 3_998
    assert series["history"]["at"][0] == 3_100
    assert len(series["history"]["value"]) == 450


def test_a_gap_is_shown_as_a_gap_and_not_as_zero():
    board = LiveBoard()
    board.add("here", up(1.0), 1.0)
    board.add("here", up(None), 2.0)

    assert board.latest() == [(UPTIME, None, 2.0)]


def test_a_series_that_ended_leaves_the_board():
    board = LiveBoard()
    board.add("here", up(1.0), 1.0)

    board.forget_silent(KEPT_SECONDS + 2)

    assert board.latest() == []
