"""The sliders: the agent's own decisions over the last week, with other figures."""

import pytest

from models.forecasts.short import short_fit
from models.scaling.changes import Changes, Situation, changed
from models.scaling.month import Band, Money, cap_at, month_band, within_cap
from models.scaling.replayed import arrivals_of, late_of
from models.scaling.what_if import what_if
from tests.models.scaling.traces import day_and_night, pool, steps, trace

WON = 1_000_000
DAY = 86_400
WEEKS = steps(day_and_night(14))
NOW = WEEKS.end_at
FIT = short_fit(WEEKS, NOW)


def situation(**more):
    usual = {
        "rules": pool(hour_micro=400 * WON),
        "measured": WEEKS,
        "now": NOW,
        "month_end": NOW + 10 * DAY,
        "fits": (FIT,),
        "cap_micro": 10_000_000 * WON,
    }
    return Situation(**{**usual, **more})


@pytest.fixture(scope="module")
def usual():
    return what_if(situation())


def test_with_nothing_moved_both_are_the_same(usual):
    assert usual.changed == usual.as_is
    assert usual.oracle.instance_hours < usual.as_is.instance_hours
    assert len(usual.as_is.counts) == 7 * 288
    assert usual.start_at == NOW


def test_twice_the_demand_needs_about_twice_the_machines(usual):
    found = what_if(situation(), Changes(growth_percent=100.0), usual.as_is)

    share = found.changed.instance_hours / found.as_is.instance_hours
    assert 1.7 < share < 2.1
    assert found.as_is == usual.as_is


def test_more_headroom_costs_more_and_leaves_less_undone(usual):
    found = what_if(situation(), Changes(headroom=0.97), usual.as_is)

    assert found.changed.won_micro > found.as_is.won_micro
    assert found.changed.late < found.as_is.late


def test_a_price_and_a_rate_change_won_and_nothing_else(usual):
    dear = changed(situation(), Changes(hour_micro=800 * WON))
    dollars = changed(situation(in_dollars=True), Changes(rate_factor=1.1))

    assert dear.rules.hour_micro == 800 * WON
    assert dollars.rules.hour_micro == 440 * WON
    assert changed(situation(), Changes(rate_factor=1.1)).rules.hour_micro == 400 * WON
    found = what_if(situation(), Changes(hour_micro=800 * WON), usual.as_is).changed
    assert found.instance_hours == usual.as_is.instance_hours
    assert found.won_micro == pytest.approx(2 * usual.as_is.won_micro, abs=2)


def test_a_small_budget_ends_on_a_day_and_is_never_passed(usual):
    week = usual.as_is.won_micro
    found = what_if(situation(), Changes(cap_micro=week // 2), usual.as_is).changed

    assert NOW + 2 * DAY < found.cap_at < NOW + 5 * DAY
    assert found.month.high <= week // 2
    assert found.over_percent > usual.as_is.over_percent
    assert usual.as_is.cap_at is None


def test_what_ends_after_the_week_is_told_by_the_pace_of_the_week(usual):
    cap = usual.as_is.won_micro * 8 // 7
    found = what_if(situation(cap_micro=cap))

    assert NOW + 7 * DAY < found.as_is.cap_at < NOW + 9.5 * DAY


def test_calls_follow_growth_model_and_rate():
    calls = (1_000 * WON,) * 7
    changes = Changes(growth_percent=50.0, call_price_factor=0.5, rate_factor=2.0)
    now, then = what_if(situation(calls_micro=calls), changes).calls

    assert now == Band(*[10_000 * WON] * 3)
    assert then == Band(*[15_000 * WON] * 3)


def test_rare_work_goes_by_its_own_rules():
    few = WEEKS._replace(
        values=tuple(1.0 if place % 40 == 0 else 0.0 for place in range(len(WEEKS.values)))
    )
    rules = pool(
        hour_micro=400 * WON, batch_jobs=3, deadline_seconds=14_400, increment_seconds=3_600
    )
    found = what_if(situation(measured=few, rules=rules))

    assert found.as_is.late == 0
    assert found.oracle.won_micro < found.as_is.won_micro < found.reactive.won_micro
    assert arrivals_of(few, True)[:2] == [0.0, 12_000.0]


def test_of_a_level_what_it_rose_by_came():
    assert arrivals_of(WEEKS._replace(values=(2.0, 2.0, 4.0, 1.0, None, 3.0)), False) == [600, 750]


def test_without_a_fit_or_a_week_it_says_so():
    bare = what_if(situation(fits=(), measured=WEEKS._replace(values=WEEKS.values[:288])))

    assert [str(note) for note in bare.notes] == [
        "No forecast can be made yet, so what is measured decides alone.",
        "Less than a week is known: 1.0 days stand for it.",
    ]
    assert bare.as_is == bare.reactive


@pytest.mark.parametrize("values", [(), (None,) * 288])
def test_of_nothing_nothing_is_told(values):
    assert what_if(situation(measured=WEEKS._replace(values=values))) is None


@pytest.mark.parametrize("value", [0.0, 3.0])
@pytest.mark.parametrize("count", [1, 2, 2016])
def test_a_short_or_still_week_is_replayed_as_well(value, count):
    found = what_if(situation(measured=WEEKS._replace(values=(value,) * count), fits=()))

    assert found.as_is.over_percent == 0


def test_work_that_does_not_fit_waits_and_makes_what_follows_late():
    rules = pool(capacity=10.0)

    assert late_of(trace([0.0, 25.0, 5.0, 0.0]), rules, (1, 1, 1)) == (15 + 5) / 5


def test_the_band_of_a_sum_grows_with_what_varies_and_is_whole_won():
    days = [100 * WON, 300 * WON] * 3 + [200 * WON]
    near, far = month_band(days, 2), month_band(days, 20)

    assert near.low <= near.middle <= near.high
    assert far.high - far.low > near.high - near.low
    assert all(isinstance(each, int) for each in far)
    assert month_band(days, 14).middle == 2 * sum(days)
    assert month_band([], 5) == month_band(days, 0) == Band(0, 0, 0)


def test_a_cap_bounds_what_a_month_may_come_to():
    money = Money(500, 100, 0, 10 * DAY)

    assert within_cap(Band(100, 300, 900), money) == Band(200, 400, 500)
    assert cap_at([100], money) == 4 * DAY
    assert cap_at([100], money._replace(month_end=3 * DAY)) is None
    assert cap_at([0], money) is None
    assert cap_at([100], money._replace(committed_micro=600)) == 0
