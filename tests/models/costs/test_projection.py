"""How a month may go on: repeatable, between its days, and with the day on which the cap is hit."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.costs.course import Ahead, Course, reached
from models.costs.projection import Day, project

WON = 1_000_000
MONDAY = 20_402
"""2025-11-10."""


def ahead(**changed):
    return Ahead(MONDAY, 1_000_000, MONDAY + 9, 5_000 * WON, 0, 10_000 * WON)._replace(**changed)


def days(*micro):
    return [Day(MONDAY - len(micro) + n, amount) for n, amount in enumerate(micro)]


def test_even_days_go_on_evenly_and_reach_the_cap_on_a_certain_day():
    found = project(days(*[1_000 * WON] * 35), ahead())

    assert [band.middle_micro for band in found.days[:3]] == [6_000 * WON, 7_000 * WON, 8_000 * WON]
    assert found.days[-1].middle_micro == 15_000 * WON
    assert found.cap_days == (MONDAY + 4, MONDAY + 4, MONDAY + 5)


def test_a_cap_that_is_not_reached_has_no_day():
    assert project(days(*[100 * WON] * 35), ahead()).cap_days == (None, None, None)


def test_a_cap_that_only_some_draws_reach_has_only_an_early_day():
    uneven = [0, 2_000 * WON, 0, 0, 1_000 * WON] * 7
    found = project(days(*uneven), ahead(spent_micro=2_500 * WON))

    assert found.cap_days[0] is not None
    assert found.cap_days[2] is None


def test_what_is_reserved_comes_on_top_from_the_first_day():
    found = project(days(*[0] * 35), ahead(fixed_micro=3_000 * WON))

    assert {band.middle_micro for band in found.days} == {8_000 * WON}


def test_of_today_only_what_is_left_is_added():
    found = project(days(*[1_000 * WON] * 35), ahead(left_ppm=250_000))

    assert found.days[0].middle_micro == 5_250 * WON


def test_quiet_weekends_stay_quiet():
    week = [1_000 * WON] * 5 + [0, 0]
    found = project([Day(MONDAY - 35 + n, week[n % 7]) for n in range(35)], ahead())
    middle = [band.middle_micro for band in found.days]
    steps = [after - before for before, after in pairwise(middle)]

    assert max(steps[4:6]) < min(steps[:4])


def test_too_little_is_no_projection_and_little_is_still_learning():
    assert project(days(1, 2), ahead()) is None
    assert project(days(1, 2, 3), ahead()).learning
    assert not project(days(*[1] * 60), ahead()).learning
    assert project(days(1, 2, 3), ahead(last_day=MONDAY - 1)) is None


@given(st.lists(st.integers(0, 10**10), min_size=3, max_size=50), st.integers(0, 30))
def test_bands_are_ordered_never_fall_and_come_again(amounts, left):
    rest = ahead(last_day=MONDAY + left)
    found = project(days(*amounts), rest)

    assert found == project(days(*amounts), rest)
    assert len(found.days) == left + 1
    for band in found.days:
        assert rest.spent_micro <= band.low_micro <= band.middle_micro <= band.high_micro
    for before, after in pairwise(found.days):
        assert before.low_micro <= after.low_micro
        assert before.high_micro <= after.high_micro
    early, middle, late = found.cap_days
    known = [day for day in (early, middle, late) if day is not None]
    assert known == sorted(known)


def test_what_runs_comes_every_day_and_of_today_in_part():
    rest = ahead(daily_micro=240 * WON, left_ppm=500_000)
    found = project(days(*[0] * 35), rest)

    assert [band.middle_micro for band in found.days[:2]] == [5_120 * WON, 5_360 * WON]


def test_the_last_moment_is_what_is_spent():
    found = project(days(*[900 * WON, 1_100 * WON] * 18), ahead(left_ppm=0, last_day=MONDAY))

    assert found.days[-1][1:] == (5_000 * WON,) * 3


def test_a_level_that_has_just_doubled_is_followed():
    found = project(days(*[1_000 * WON] * 30, *[2_000 * WON] * 14), ahead(spent_micro=0))

    assert abs(found.days[-1].middle_micro - 20_000 * WON) < 2_000 * WON


def test_days_of_the_next_month_keep_their_weekdays():
    week = [1_000 * WON] * 5 + [0, 0]
    history = [Day(MONDAY - 35 + n, week[n % 7]) for n in range(35)]
    later = project(history, ahead(today=MONDAY + 9, last_day=MONDAY + 12, spent_micro=0))
    steps = [later.days[0].middle_micro] + [
        after.middle_micro - before.middle_micro for before, after in pairwise(later.days)
    ]

    # Wednesday to Saturday.
    assert min(steps[:3]) > 3 * steps[3]


@given(
    st.lists(st.integers(0, 10**10), min_size=3, max_size=80),
    st.integers(0, 5 * 10**10),
    st.integers(0, 1_000_000),
)
def test_lines_are_reached_one_after_the_other_and_early_before_late(amounts, spent, left):
    found = project(days(*amounts), ahead(spent_micro=spent, left_ppm=left))
    never = MONDAY + 10
    caps = [spent * percent // 100 + percent * 10**8 for percent in (70, 80, 90, 95, 100)]
    rows = [[day or never for day in reached(found.days, micro)] for micro in caps]

    for row in rows:
        assert row == sorted(row)
    for lower, higher in pairwise(rows):
        assert all(a <= b for a, b in zip(lower, higher, strict=True))


@given(st.lists(st.integers(0, 10**10), min_size=3, max_size=80))
def test_a_course_that_was_kept_says_the_same(amounts):
    course = project(days(*amounts), ahead()).course

    assert Course.from_json(json.loads(json.dumps(course.as_json()))) == course
    assert all(type(micro) is int for micro in course.means_micro)


@given(st.lists(st.integers(0, 10**10), min_size=4, max_size=60))
def test_what_was_told_then_saw_no_later_day(amounts):
    """The course of all days but the last is the same whatever that one was."""
    history = days(*amounts)
    then = ahead(today=MONDAY - 1)

    changed = [*history[:-1], history[-1]._replace(micro=7)]
    assert project(history, then) == project(changed, then)
