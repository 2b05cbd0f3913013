"""What a month was expected to come to is held against what it came to."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from models.costs.month_judged import LOOKED_AFTER_DAYS, Projected, judged, projected_of
from models.costs.periods import DAY_SECONDS, period_at

SEOUL = ZoneInfo("Asia/Seoul")
MONTH = period_at(1_795_000_000, "month", SEOUL)


def made(day, middle=10, hour=1):
    """On that day of the month, counted from 0: so many whole days were known."""
    at = MONTH.since + day * DAY_SECONDS + hour * 3_600
    return Projected(at, middle - 2, middle, middle + 2, 2 * middle)


def test_the_first_projection_of_each_day_is_held_against_what_came():
    told = [made(7, 20, hour=9), made(7, 8), made(3), made(4, 99), made(21, 14)]

    found = judged(told, MONTH.since, 10, SEOUL)

    assert [each.after_days for each in found] == [3, 7, 21]
    assert [each.projected.middle_micro for each in found] == [10, 8, 14]
    assert [each.is_inside for each in found] == [True, True, False]
    assert [each.off_part for each in found] == [0.0, -0.2, 0.4]


def test_of_a_month_that_cost_nothing_no_part_can_be_told():
    [one] = judged([made(3)], MONTH.since, 0, SEOUL)

    assert one.off_part is None
    assert not one.is_inside


def test_days_are_those_of_the_house_though_its_clock_changed():
    """Of New York a day of November 2026 has 25 hours."""
    york = ZoneInfo("America/New_York")
    month = period_at(1_794_000_000, "month", york)
    late = Projected(month.since + 3 * DAY_SECONDS + 1_800, 0, 1, 2, 3)

    assert judged([late], month.since, 1, york) == []
    after = late._replace(made_at=late.made_at + 3_600)
    assert [each.after_days for each in judged([after], month.since, 1, york)] == [3]


def test_a_document_without_a_band_is_no_projection():
    assert projected_of(5, None, 7) is None
    assert projected_of(5, "null", 7) is None
    assert projected_of(5, "[1, 2, 3]", 7) == Projected(5, 1, 2, 3, 7)


@given(st.lists(st.integers(-40, 80), max_size=60))
def test_a_day_is_judged_once_and_only_by_what_was_made_on_it(days):
    found = judged([made(day) for day in days], MONTH.since, 10, SEOUL)

    assert [each.after_days for each in found] == [
        day for day in LOOKED_AFTER_DAYS if day in set(days)
    ]
