"""Points of any order onto an even grid."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.forecasts.history import STEPS_MAX, points_to_measured

POINTS = st.lists(
    st.tuples(
        st.integers(0, 20 * 3_600),
        st.one_of(st.integers(-1_000, 1_000), st.sampled_from([None, float("nan"), float("inf")])),
    ),
    max_size=60,
)
HOWS = st.sampled_from(["mean", "sum", "max"])


def on_grid(points, how, step_seconds=3_600):
    return points_to_measured((at for at, _ in points), (v for _, v in points), step_seconds, how)


@pytest.mark.parametrize(("how", "expected"), [("mean", 2.5), ("sum", 10.0), ("max", 4.0)])
def test_a_step_is_made_of_its_points(how, expected):
    points = [(7_200, 9), (3_600, 1), (4_000, 2), (5_000, 3), (7_199, 4)]

    made = on_grid(points, how)

    assert made == (3_600, 3_600, (expected, 9.0))


def test_a_step_without_a_point_is_not_measured():
    assert on_grid([(0, 5), (7_300, 6)], "sum").values == (5.0, None, 6.0)


def test_a_clock_that_leapt_by_years_leaves_no_endless_grid():
    points = [(at, 1) for at in range(0, 360_000, 3_600)] + [(4_000_000_000, 1), (1e300, 1)]

    assert len(on_grid(points, "mean").values) == 100


def test_times_and_values_must_be_as_many():
    with pytest.raises(ValueError, match="2 times do not fit 1 values"):
        points_to_measured([1, 2], [1], 3_600, "mean")


def test_a_step_has_a_length():
    with pytest.raises(ValueError, match="no length"):
        points_to_measured([1], [1], 0, "mean")


@given(POINTS, HOWS, st.randoms())
def test_neither_order_nor_duplicates_matter(points, how, random):
    again = points * 2
    random.shuffle(again)

    made, remade = on_grid(points, how), on_grid(again, how)

    assert (made.start_at, len(made.values)) == (remade.start_at, len(remade.values))
    for one, other in zip(made.values, remade.values, strict=True):
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other, abs=1e-6)


@given(POINTS, HOWS)
def test_no_value_is_lost_or_made_up(points, how):
    hours = {at // 3_600 for at, value in points if value is not None and abs(value) < 1e9}
    made = on_grid(points, how)

    at = made.start_at // 3_600
    assert {at + step for step, v in enumerate(made.values) if v is not None} == hours
    assert all(value is None or np.isfinite(value) for value in made.values)
    if hours:
        assert (at, at + len(made.values) - 1) == (min(hours), max(hours))


def test_a_year_of_minutes_needs_little_memory():
    """A tenth of a year here: 52,560 points, 60 bytes each."""
    count = 52_560
    tracemalloc.start()
    try:
        made = points_to_measured(
            (60 * step for step in range(count)), (1.0 for _ in range(count)), 3_600, "sum"
        )
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert made.values == (60.0,) * (count // 60)
    assert most < 100 * count


def test_more_steps_than_a_history_has_keep_the_newest():
    made = points_to_measured(range(0, 60 * 12_000, 60), range(12_000), 60, "mean")

    assert len(made.values) == STEPS_MAX
    assert made.values[-1] == 11_999.0
