"""A bucket over its month."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from models.costs.burn import burn_down, even_line, micro_of
from models.costs.burn_shapes import DaySpent
from models.costs.periods import day_of, start_of
from models.costs.shapes import Bucket

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
