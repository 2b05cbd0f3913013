"""The month as the child fits it: JSON that can be read back, and bands that hold together."""

import json
import random
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from models.costs.course import Ahead, bands
from models.costs.month_document import kept_from
from models.costs.periods import day_of, start_of
from models.demand.shapes import Measured, Work
from models.forecasts.month import month_course, month_document, whole_days_of

SEOUL = ZoneInfo("Asia/Seoul")
WON = 1_000_000
FIRST = day_of(1_762_000_000, SEOUL)
START, END = start_of(FIRST, SEOUL), start_of(FIRST + 30, SEOUL)
NOW = start_of(FIRST + 9, SEOUL) + 3_600
ARGS = {
    "bucket_id": "api",
    "spent_micro": 3_000 * WON,
    "fixed_micro": 100 * WON,
    "cap_micro": 15_000 * WON,
    "start_at": START,
    "end_at": END,
}


def work(values, **changed):
    measured = Measured(start_of(FIRST + 9 - len(values), SEOUL), 86_400, tuple(values))
    return Work("api", "month", measured, "Asia/Seoul", NOW, ARGS)._replace(**changed)


def noisy(count, seed=1):
    chance = random.Random(seed)  # noqa: S311  It must come again.
    return [chance.uniform(200, 400) * (0.3 if n % 7 > 4 else 1) for n in range(count)]


def test_the_document_is_json_that_is_read_back_and_holds():
    document = json.loads(json.dumps(month_document(work(noisy(70)))))
    kept = kept_from(document)

    assert kept.holds(START, NOW + 3_600)
    assert not kept.holds(START, NOW + 37 * 3_600)
    assert len(kept.course.means_micro) == 21
    assert set(kept.course.shares) >= {"steady", "theta", "holt_winters"}
    assert document["naive_micro"] == 3_000 * WON * (END - START) // (NOW - START)
    low, middle, high = document["end"]
    assert 3_100 * WON <= low < middle < high
    assert list(document["reached"]) == ["70", "80", "90", "95", "100"]


def test_with_little_known_the_plain_ways_do_and_with_less_nothing_is_said():
    few = month_document(work(noisy(10)))
    none = month_document(work(noisy(2)))

    assert "theta" not in few["course"]["shares"]
    assert none["course"] is None
    assert none["end"] is None
    assert kept_from(none) is None


def test_a_month_that_is_over_has_no_course():
    assert month_document(work(noisy(40), now=END + 5))["course"] is None


def test_days_before_the_first_call_are_left_out_and_gaps_are_as_the_others():
    measured = Measured(start_of(FIRST, SEOUL), 86_400, (0.0, None, 5.0, None, 7.0, 9.0))

    assert whole_days_of(measured, FIRST + 5, SEOUL) == [5 * WON, 6 * WON, 7 * WON]


@pytest.mark.parametrize(
    "amounts",
    [
        [0] * 60,
        [5 * WON] * 60,
        [0] * 59 + [10**12],
        [10**12] + [0] * 59,
        [0, 0, 0, 0, 0, 0, 3 * WON] * 9,
        [round(each * WON) for each in noisy(200)],
    ],
    ids=["nothing", "constant", "a burst today", "a burst once", "once a week", "long"],
)
def test_whatever_the_days_were_the_bands_are_in_order(amounts):
    course = month_course(amounts, FIRST, 30)
    found = bands(course, Ahead(FIRST, 400_000, FIRST + 29, 7 * WON, 2 * WON, 10**9))

    assert len(found) == 30
    for band in found:
        assert 9 * WON <= band.low_micro <= band.middle_micro <= band.high_micro
    for before, after in pairwise(found):
        assert all(a <= b for a, b in zip(before[1:], after[1:], strict=True))
    assert month_course(amounts, FIRST, 30) == course


def test_no_day_that_was_not_there_yet_is_seen():
    amounts = [round(each * WON) for each in noisy(70)]
    later = [*amounts[:60], *(each * 9 for each in amounts[60:])]

    assert month_course(amounts[:60], FIRST, 20) == month_course(later[:60], FIRST, 20)
    assert month_course(amounts, FIRST, 20) != month_course(later, FIRST, 20)
