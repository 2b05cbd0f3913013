"""A rollup of rollups equals the rollup of the raw."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rollups import bucket_start, merged, of_value, with_value

VALUES = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)
GROUPS = st.lists(st.lists(VALUES, min_size=1, max_size=10), min_size=1, max_size=10)


def rolled(values):
    return merged(of_value(value) for value in values)


@given(GROUPS)
def test_a_rollup_of_rollups_is_the_rollup_of_the_raw(groups):
    in_two_steps = merged(rolled(group) for group in groups)
    at_once = rolled([value for group in groups for value in group])

    assert in_two_steps.mean == pytest.approx(at_once.mean, rel=1e-9, abs=1e-2)
    assert in_two_steps[1:] == at_once[1:]


@given(GROUPS)
def test_the_order_of_the_parts_does_not_matter(groups):
    parts = [rolled(group) for group in groups]

    assert merged(reversed(parts)).mean == pytest.approx(merged(parts).mean, rel=1e-9, abs=1e-2)
    assert merged(reversed(parts))[1:] == merged(parts)[1:]


@given(st.lists(VALUES, min_size=1, max_size=50))
def test_values_folded_one_by_one_are_the_rollup_of_all(values):
    one_by_one = reduce(with_value, values[1:], of_value(values[0]))

    assert one_by_one.mean == pytest.approx(rolled(values).mean, rel=1e-9, abs=1e-2)
    assert one_by_one[1:] == rolled(values)[1:]


@given(st.lists(VALUES, min_size=1, max_size=50))
def test_a_spike_survives(values):
    rollup = rolled(values)

    assert (rollup.min, rollup.max, rollup.n) == (min(values), max(values), len(values))
    assert rollup.min - 1e-2 <= rollup.mean <= rollup.max + 1e-2


@given(st.floats(min_value=0, max_value=1e10), st.sampled_from([10, 60, 600, 86_400]))
def test_a_moment_is_in_its_bucket_and_in_no_other(moment, seconds):
    start = bucket_start(moment, seconds)

    assert start % seconds == 0
    assert start <= moment < start + seconds


@pytest.mark.parametrize("coarse", [60, 600])
@given(st.floats(min_value=0, max_value=1e10))
def test_buckets_nest(coarse, moment):
    assert bucket_start(bucket_start(moment, 10), coarse) == bucket_start(moment, coarse)
