"""A bucket over its month."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from models.costs.burn import burn_down, even_line, micro_of
from models.costs.burn_shapes import DaySpent, Known
from models.costs.course import Course, Off
from models.costs.left import Hourly
from models.costs.month_document import Kept
from models.costs.month_words import why
from models.costs.periods import day_of, start_of
from models.costs.shapes import Bucket

WON = 1_000_000
SEOUL = ZoneInfo("Asia/Seoul")
FIRST = day_of(1_762_000_000, SEOUL)
"""2025-11-01 in Seoul."""
START, END = start_of(FIRST, SEOUL), start_of(FIRST + 30, SEOUL)
NOW = start_of(FIRST + 9, SEOUL) + 12 * 3_600


def bucket(**changed):
    won = [Decimal(number) for number in (3_000, 1_000, 0, 0)]
    return Bucket("total", START, END, *won, 1, NOW)._replace(**changed)


def test_what_is_spent_rises_day_by_day_and_days_to_come_have_nothing():
    days = {
        FIRST: DaySpent(Decimal(600), Decimal(50)),
        FIRST + 9: DaySpent(Decimal(400), Decimal(1)),
    }
    found = burn_down(bucket(), days, NOW, SEOUL)

    assert len(found.points) == 30
    assert [point.spent_won for point in found.points[:2]] == [600, 600]
    assert found.points[9].spent_won == 1_000
    assert found.points[9].until == NOW
    assert [found.points[day].unverified_won for day in (0, 8, 9)] == [50, 50, 51]
    assert {point.spent_won for point in found.points[10:]} == {None}
    assert found.points[-1].even_won == 3_000
    assert found.points[-1].until == END


def test_the_even_line_goes_from_nothing_to_the_cap():
    assert even_line(bucket(), START) == 0
    assert even_line(bucket(), (START + END) / 2) == 1_500
    assert even_line(bucket(), END + 1) == 3_000


def test_it_goes_on_by_the_calls_of_before_and_not_by_what_was_booked():
    calls = {FIRST - 40 + n: DaySpent(Decimal(0), Decimal(0), Decimal(100)) for n in range(49)}
    booked = calls[FIRST]._replace(won=Decimal(1_000))
    found = burn_down(bucket(), {**calls, FIRST: booked}, NOW, SEOUL)

    assert found.ahead[0].middle_won == 1_050
    assert found.ahead[-1].middle_won == 3_050
    assert found.cap_on[:2] == (start_of(FIRST + 28, SEOUL), start_of(FIRST + 29, SEOUL))
    assert not found.learning


def test_a_booked_item_alone_is_no_past():
    found = burn_down(bucket(), {FIRST: DaySpent(Decimal(600))}, NOW, SEOUL)

    assert found.ahead == ()


def test_without_a_past_nothing_is_foretold():
    found = burn_down(bucket(), {}, NOW, SEOUL)

    assert (found.ahead, found.cap_on, found.learning) == ((), (None, None, None), True)


def test_decimals_of_the_store_are_whole_micro_won():
    assert micro_of(Decimal("12.345678")) == 12_345_678
    assert micro_of(Decimal("-0.000001")) == -1


def kept_course(made_at, means=(200,) * 21, start=START):
    off = tuple(Off(-10 * WON, 0, 10 * WON) for _ in means)
    first_day = day_of(made_at, SEOUL)
    course = Course("theta", first_day, tuple(each * WON for each in means), off, 60, 42)
    return Kept(start, END, made_at, course)


def test_what_was_fitted_lately_is_moved_on_to_now():
    days = {FIRST: DaySpent(Decimal(1_000), Decimal(0), Decimal(1_000))}
    known = Known(kept=kept_course(NOW - 86_400, means=(500, *(200,) * 21)))
    found = burn_down(bucket(), days, NOW, SEOUL, known)

    # Half of today is left; yesterday's part of the course is over, what was spent stands for it.
    assert [point.middle_won for point in found.ahead[:2]] == [1_100, 1_300]
    assert found.ahead[-1].high_won == 1_100 + 20 * 200 + 10
    assert (found.fitted_at, found.course.model) == (NOW - 86_400, "theta")
    assert not found.learning


@pytest.mark.parametrize(
    "kept",
    [
        kept_course(NOW - 37 * 3_600),
        kept_course(NOW + 60),
        kept_course(NOW, start=START - 86_400),
        kept_course(NOW, means=(200,) * 5),
    ],
    ids=["too old", "of the future", "of another month", "too short"],
)
def test_a_course_that_does_not_hold_is_reckoned_anew(kept):
    calls = {FIRST - 40 + n: DaySpent(Decimal(0), Decimal(0), Decimal(100)) for n in range(49)}
    found = burn_down(bucket(), calls, NOW, SEOUL, Known(kept=kept))

    assert found.fitted_at is None
    assert found == burn_down(bucket(), calls, NOW, SEOUL)


def test_a_machine_that_runs_costs_until_the_end_in_the_buckets_that_it_counts_in():
    gpu = Hourly("gpu", "runpod", Decimal(10), runs_since=NOW - 7_200.0)
    known = Known(machines=[gpu, Hourly("off", "", Decimal(99))])
    found = burn_down(bucket(bucket_id="servers"), {}, NOW, SEOUL, known)

    # Two hours that are not booked yet, and the twelve of today.
    assert found.ahead[0][2:] == (1_140,) * 3
    assert found.ahead[-1].middle_won == 1_140 + 20 * 240
    assert burn_down(bucket(bucket_id="api"), {}, NOW, SEOUL, known).ahead == ()


def test_each_line_has_its_days_and_what_is_spent_is_past():
    days = {FIRST: DaySpent(Decimal(1_000), Decimal(0), Decimal(1_000))}
    known = Known(kept=kept_course(NOW))
    found = burn_down(bucket(settled_won=Decimal(2_200)), days, NOW, SEOUL, known)
    past, likely = [line.is_past for line in found.reached], [line.on[1] for line in found.reached]

    assert [line.percent for line in found.reached] == [70, 80, 90, 95, 100]
    assert [line.won for line in found.reached] == [2_100, 2_400, 2_700, 2_850, 3_000]
    assert past == [True, False, False, False, False]
    assert likely[1:] == [start_of(FIRST + day, SEOUL) for day in (10, 11, 12, 13)]
    assert found.reached[-1].on == found.cap_on
    assert found.naive_won == Decimal(2_200) * 30 * 24 / (9 * 24 + 12)


def test_the_words_say_what_the_projection_rests_on():
    known = Known(kept=kept_course(NOW))
    fitted = why(burn_down(bucket(), {}, NOW, SEOUL, known))

    assert str(fitted) == (
        "mostly by theta with a season of a week, weekday by weekday, tried out from 42 earlier "
        "days; fitted within the last day and a half"
    )
    assert why(burn_down(bucket(), {}, NOW, SEOUL)) is None
