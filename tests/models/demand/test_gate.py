"""A forecast may start machines only while it has proven itself for a week."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.demand.accuracy import Accuracy
from models.demand.gate import FIRST_SECONDS, STEPS_MIN, gate

NOW = 1_763_899_200
LONG_AGO = NOW - 30 * 86_400
GOOD = Accuracy("calls", NOW, 7, 1, 168, 0.9, 0.8, 0.95, 0.5, 0.81, 0.95, 1.0, 0.0, False)


def asked(first=LONG_AGO, now=NOW, **changed):
    return gate(first, GOOD._replace(**changed), now)


def test_a_week_that_was_good_lets_it_start_machines():
    found = asked()

    assert found.is_on
    assert "skill 0.50" in str(found.reason)
    assert "81 %" in str(found.reason)
    assert found.figures["skill"] == 0.5


def test_in_the_first_seven_days_it_is_off_however_good_it_is():
    young = asked(first=NOW - FIRST_SECONDS + 60)

    assert not young.is_on
    assert "first 7 days" in str(young.reason)
    assert asked(first=NOW - FIRST_SECONDS).is_on
    assert not gate(None, None, NOW).is_on


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"skill": 0.0}, "no better"),
        ({"skill": -0.4}, "skill -0.40"),
        ({"skill": None}, "skill -"),
        ({"coverage80": 0.69}, "69 %"),
        ({"coverage80": 0.93}, "93 %"),
        ({"coverage80": None}, "- %"),
        ({"steps": STEPS_MIN - 1}, "83 hours"),
    ],
)
def test_what_is_wrong_stands_in_the_reason(changed, word):
    found = asked(**changed)

    assert not found.is_on
    assert word in str(found.reason)
    assert dict(found.figures).items() >= changed.items() or "steps" in found.figures


@pytest.mark.parametrize("coverage", [0.70, 0.92])
def test_the_edges_of_the_band_are_right(coverage):
    assert asked(coverage80=coverage).is_on


def test_hours_that_could_not_be_judged_prove_nothing():
    assert not gate(LONG_AGO, None, NOW).is_on


@given(
    st.floats(-2, 1),
    st.floats(0, 1),
    st.integers(0, 168),
    st.integers(0, 20 * 86_400),
)
def test_it_is_on_exactly_while_all_of_it_holds(skill, coverage, steps, age):
    found = gate(NOW - age, GOOD._replace(skill=skill, coverage80=coverage, steps=steps), NOW)

    assert found.is_on == (
        age >= FIRST_SECONDS and steps >= STEPS_MIN and skill > 0 and 0.70 <= coverage <= 0.92
    )
