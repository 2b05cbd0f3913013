"""A rate is a gap or true: never negative, never a spike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rates import Rates

COUNTS = st.integers(min_value=0, max_value=2**64 - 1)
STEPS = st.floats(min_value=0.001, max_value=1e6)
READINGS = st.lists(st.tuples(COUNTS, STEPS), min_size=2, max_size=30)


def moments(readings):
    """Turn steps into moments of a clock that only goes forward."""
    now = 1_000.0
    for count, step in readings:
        now += step
        yield count, now


@given(READINGS)
def test_a_rate_is_never_negative_whatever_the_counter_does(readings):
    rates = Rates()
    found = [rates.per_second("bytes", count, now) for count, now in moments(readings)]

    assert found[0] is None
    assert all(rate is None or rate >= 0 for rate in found)


@given(READINGS)
def test_a_counter_that_went_back_has_no_rate_and_one_that_did_not_has(readings):
    rates = Rates()
    before = None
    for count, now in moments(readings):
        rate = rates.per_second("bytes", count, now)

        assert (rate is None) == (before is None or count < before)
        before = count


@given(st.lists(st.tuples(st.integers(0, 10_000), STEPS), min_size=1, max_size=30), COUNTS)
def test_what_a_steady_counter_grew_by_is_found_again_in_its_rates(growths, first):
    rates = Rates()
    count, now = first, 1_000.0
    rates.per_second("bytes", count, now)
    for growth, step in growths:
        count, before, now = count + growth, now, now + step
        rate = rates.per_second("bytes", count, now)

        assert rate == pytest.approx(growth / (now - before))


@given(READINGS, st.floats(min_value=0, max_value=1e12))
def test_a_rate_above_what_is_possible_is_a_gap(readings, possible):
    rates = Rates()
    for count, now in moments(readings):
        rate = rates.per_second("bytes", count, now, per_second_max=possible)

        assert rate is None or rate <= possible


@given(st.integers(1, 2**40), st.integers(0, 2**40), STEPS)
def test_after_a_reset_the_next_rate_counts_from_the_reset(before, after_reset, step):
    rates = Rates()
    rates.per_second("bytes", after_reset + before, 0.0)
    assert rates.per_second("bytes", after_reset, step) is None

    rate = rates.per_second("bytes", after_reset + 10, 2 * step)

    assert rate == pytest.approx(10 / step)


@pytest.mark.parametrize("now", [10.0, 9.0])
def test_without_time_between_there_is_no_rate(now):
    rates = Rates()
    rates.per_second("bytes", 1, 10.0)

    assert rates.per_second("bytes", 2, now) is None


def test_counters_do_not_know_one_another():
    rates = Rates()
    rates.per_second("read", 100, 0.0)
    rates.per_second("written", 900, 0.0)

    assert rates.per_second("read", 110, 1.0) == 10
    assert rates.per_second("written", 900, 1.0) == 0


def test_a_forgotten_counter_begins_anew():
    rates = Rates()
    for key in ("sda", "sdb"):
        rates.per_second(key, 100, 0.0)
    rates.forget_all_but({"sda"})

    assert rates.per_second("sda", 101, 1.0) == 1
    assert rates.per_second("sdb", 101, 1.0) is None
