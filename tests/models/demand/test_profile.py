"""The picture of a series by hour and weekday, and the spikes that are kept out of it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demand.local import hour_and_weekday, offset_seconds
from models.demand.profile import Cell, profile, quantile
from models.demand.shapes import Measured
from models.demand.spikes import spikes

MONDAY = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())


def hours(values, start_at=MONDAY) -> Measured:
    return Measured(start_at, 3_600, tuple(values))


def test_an_hour_has_the_values_of_all_its_weeks():
    values = [float(100 * week + hour) for week in range(5) for hour in range(168)]

    drawn = profile(hours(values), "UTC")

    assert drawn.cells[2][7] == Cell(median=255.0, mean=255.0, high=415.0, times=5)
    assert drawn.spikes == 0


def test_hours_are_those_of_the_house():
    """Monday 00:00 UTC is Monday 09:00 in Seoul."""
    drawn = profile(hours([5.0, 6.0]), "Asia/Seoul")

    known = {
        (day, hour): cell.median
        for day, row in enumerate(drawn.cells)
        for hour, cell in enumerate(row)
        if cell is not None
    }
    assert known == {(0, 9): 5.0, (0, 10): 6.0}


def test_what_was_never_measured_is_unknown():
    drawn = profile(hours([]), "UTC")

    assert {cell for row in drawn.cells for cell in row} == {None}
    assert drawn.busiest is None


@pytest.mark.parametrize(("day", "count"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_a_day_on_which_the_clock_is_changed_has_its_hours(day, count):
    berlin = ZoneInfo("Europe/Berlin")
    start_at = int(datetime(*day, tzinfo=berlin).timestamp())
    end_at = int(datetime(day[0], day[1], day[2] + 1, tzinfo=berlin).timestamp())

    drawn = profile(hours([1.0] * ((end_at - start_at) // 3_600), start_at), "Europe/Berlin")

    sunday = drawn.cells[6]
    assert sum(cell.times for cell in sunday if cell) == count
    assert sum(cell.times for row in drawn.cells for cell in row if cell) == count
    assert (sunday[2] is None) == (count == 23)
    assert count == 23 or sunday[2].times == 2


def test_the_busiest_hour_is_named():
    values = [10.0] * (168 * 3)
    for week in range(3):
        values[week * 168 + 4 * 24 + 15] = 14.0

    assert profile(hours(values), "UTC").busiest == (4, 15)


def test_a_spike_is_kept_out():
    values = [10.0 + step % 3 for step in range(168 * 4)]
    values[200] = 110.0

    drawn = profile(hours(values), "UTC")

    assert drawn.spikes == 1
    assert max(cell.high for row in drawn.cells for cell in row if cell) <= 12.0


def test_a_spike_lasts_three_hours_at_most_and_is_over():
    values = [10.0 + step % 3 for step in range(24 * 10)]
    values[100:104] = [90.0] * 4
    values[-2:] = [90.0] * 2

    assert spikes(values, [step % 24 for step in range(240)]) == {}


def test_where_nothing_is_usual_but_zero_no_job_is_a_spike():
    values = [0.0] * 240
    values[50] = 8.0

    assert spikes(values, [step % 24 for step in range(240)]) == {}


@given(st.integers(0, 2_000_000_000), st.sampled_from(["Asia/Seoul", "Europe/Berlin", "UTC"]))
def test_hour_and_weekday_follow_from_the_offset(at, zone):
    there = at + offset_seconds(at, zone)

    assert hour_and_weekday(at, zone) == (there // 3_600 % 24, (there // 86_400 + 3) % 7)


@given(st.lists(st.one_of(st.none(), st.integers(0, 1_000)), max_size=400))
@settings(max_examples=50)
def test_every_value_is_in_a_cell_or_a_spike(values):
    drawn = profile(hours([None if v is None else float(v) for v in values]), "Asia/Seoul")

    cells = [cell for row in drawn.cells for cell in row if cell]
    assert sum(cell.times for cell in cells) + drawn.spikes == sum(v is not None for v in values)
    assert all(0 <= cell.median <= cell.high <= 1_000 for cell in cells)


def test_a_quantile_lies_between_its_neighbours():
    assert quantile([3.0], 0.9) == 3.0
    assert quantile([0.0, 10.0], 0.9) == pytest.approx(9.0)
