"""What a budget refuses, and what waits for it, is told from demand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.demand.shapes import Measured
from models.demand.wanted import wanted


def hours(values) -> Measured:
    return Measured(0, 3_600, tuple(values))


def test_where_nothing_is_refused_all_is_demand():
    made = wanted(hours([5.0, 0.0, None]), "calls", [0, 0, 0])

    assert made == (hours([5.0, 0.0, None]), (False, False, False), None)


def test_an_hour_in_which_calls_were_refused_is_a_gap_and_no_truth():
    made = wanted(hours([50.0, 20.0, 50.0]), "calls", [0, 30, 0])

    assert made.measured.values == (50.0, None, 50.0)
    assert made.starved == (False, True, False)
    assert "1 of 3" in str(made.why)


def test_a_call_refused_among_many_leaves_the_hour_as_it_is():
    assert wanted(hours([100.0]), "calls", [5]).starved == (False,)
    assert wanted(hours([100.0]), "calls", [6]).starved == (True,)


def test_where_nobody_knows_what_was_served_a_few_refusals_are_one_call_tried_again():
    assert wanted(hours([7.0, 7.0]), "gpu", [2, 3]).starved == (False, True)


def test_what_was_served_can_be_given():
    made = wanted(hours([7.0, 7.0]), "gpu", [3, 3], served=[1_000, 4])

    assert made.starved == (False, True)


def test_silence_after_a_refusal_is_no_rest_until_something_comes():
    made = wanted(hours([50.0, 1.0, 0.0, None, 0.0, 40.0, 0.0]), "calls", [0, 60, 0, 0, 0, 0, 0])

    assert made.starved == (False, True, True, True, True, False, False)


def test_what_had_waited_and_then_comes_at_once_is_no_demand():
    values = [50.0, 52.0, 0.0, 0.0, 120.0, 130.0, 125.0, 51.0, 49.0, 50.0, 52.0]

    made = wanted(hours(values), "calls", [0, 0, 40, 40, 0, 0, 0, 0, 0, 0, 0])

    assert made.starved == (False, False, True, True, True, True, *[False] * 5)


def test_what_arrives_is_demand_whether_or_not_calls_are_refused():
    made = wanted(hours([5.0, 6.0]), "arrivals", [100, 100])

    assert made.starved == (False, False)
    assert made.measured.values == (5.0, 6.0)


def test_a_queue_is_what_waits_for_machines():
    made = wanted(hours([10.0, 30.0, 12.0]), "queue", [0, 50, 50], blocked_work=[0, 22, 15])

    assert made.measured.values == (10.0, 8.0, 0.0)
    assert made.starved == (False, False, False)


def test_a_queue_of_which_nobody_knows_what_waits_for_money_is_a_gap():
    made = wanted(hours([10.0, 30.0]), "queue", [0, 50], blocked_work=[0, None])

    assert made.measured.values == (10.0, None)


@pytest.mark.parametrize("given", [{"refused": [1]}, {"refused": [0, 0], "blocked_work": [1]}])
def test_lists_of_another_length_are_refused(given):
    with pytest.raises(ValueError, match="1 values do not fit 2 steps"):
        wanted(hours([1.0, 2.0]), "queue", **given)


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.floats(0, 1e6)), st.integers(0, 50)), max_size=100),
    st.sampled_from(["queue", "calls", "gpu", "spend", "active", "sql", "metric"]),
)
def test_a_step_is_left_as_it_was_or_taken_out(steps, kind):
    values, refused = [value for value, _ in steps], [count for _, count in steps]

    made = wanted(hours(values), kind, refused)

    assert len(made.starved) == len(made.measured.values) == len(values)
    for value, kept, starved in zip(values, made.measured.values, made.starved, strict=True):
        assert kept == (None if starved else value)
    assert (made.why is None) == (not any(made.starved))
    if not any(refused):
        assert not any(made.starved)
