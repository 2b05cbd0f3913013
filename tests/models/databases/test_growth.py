from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.databases.growth import (
    DAY_SECONDS,
    POINTS_MAX,
    Growths,
    Size,
    bytes_per_day,
    days_until_full,
)


def steady(days: float, per_day: float, step_seconds: float = 300.0) -> list[Size]:
    count = int(days * DAY_SECONDS / step_seconds)
    return [
        Size(i * step_seconds, 1e9 + i * step_seconds * per_day / DAY_SECONDS) for i in range(count)
    ]


def test_a_clean_up_among_many_looks_does_not_bend_the_growth():
    sizes = steady(0.1, 1e8)
    sizes[len(sizes) // 2] = Size(sizes[len(sizes) // 2].at, 0.0)

    assert bytes_per_day(sizes) == pytest.approx(1e8)


def test_before_an_hour_nothing_is_said():
    assert bytes_per_day(steady(0.03, 1e8)) is None


def test_a_week_is_remembered_by_few_looks():
    growths = Growths()
    for size in steady(9.0, 1e8):
        growths.take("videos", size)

    assert growths.bytes_per_day("videos") == pytest.approx(1e8)
    assert len(growths._sizes["videos"]) <= POINTS_MAX  # noqa: SLF001


def test_a_clock_that_was_set_back_begins_anew():
    growths = Growths()
    for size in steady(0.2, 1e8):
        growths.take("videos", size)
    growths.take("videos", Size(-5.0, 1.0))

    assert growths.bytes_per_day("videos") is None


def test_what_is_gone_is_forgotten():
    growths = Growths()
    growths.take("old", Size(0.0, 1.0))
    growths.forget_all_but({"new"})

    assert growths._sizes == {}  # noqa: SLF001


def test_what_shrinks_is_never_full():
    assert days_until_full(1e9, -1e6) is None
    assert days_until_full(None, 1e6) is None
    assert days_until_full(-5.0, 1e6) == 0.0


@given(st.lists(st.tuples(st.floats(0, 1e10), st.floats(0, 1e15)), max_size=20))
def test_any_sizes_give_a_number_or_none(points):
    growth = bytes_per_day([Size(*point) for point in sorted(points)])

    assert growth is None or not isnan(growth)
