"""Whose word counts: a person's before the budget's, the budget's before recovery's."""

import pytest

from models.stopping import START, STOP
from models.wanted import (
    BUDGET,
    DOWN,
    PERSON,
    RANKS,
    REPAIR,
    SCALING,
    UP,
    Wanted,
    holding,
    may,
    refusal,
)

NOW = 1_795_900_000.0


def row(by, state=DOWN, until=None, target="n8n"):
    return Wanted(target, by, state, "{}", until, NOW)


def test_the_highest_word_that_has_not_run_out_holds():
    rows = [row(BUDGET), row(PERSON, UP, NOW + 10), row(PERSON, DOWN, target="web")]

    assert holding(rows, "n8n", NOW) == rows[1]
    assert holding(rows, "n8n", NOW + 10) == rows[0]
    assert holding(rows, "gpu", NOW) is None


@pytest.mark.parametrize("by", RANKS)
@pytest.mark.parametrize("holder", RANKS)
@pytest.mark.parametrize(("verb", "state"), [(STOP, UP), (START, DOWN)])
def test_against_a_word_only_an_equal_or_higher_one_counts(by, holder, verb, state):
    assert may(by, verb, row(holder, state)) is (RANKS.index(by) <= RANKS.index(holder))


@pytest.mark.parametrize("by", RANKS)
def test_everybody_may_do_what_is_wanted_anyway(by):
    assert may(by, STOP, row(PERSON, DOWN))
    assert may(by, START, row(PERSON, UP))
    assert may(by, REPAIR, row(PERSON, UP))
    assert may(by, REPAIR, None)


@pytest.mark.parametrize("holder", RANKS)
@pytest.mark.parametrize("by", RANKS)
def test_nobody_repairs_what_is_wanted_down(by, holder):
    assert not may(by, REPAIR, row(holder, DOWN))


def test_a_refusal_says_who_wants_what_and_who_can_change_it():
    assert str(refusal(row(BUDGET))) == (
        "n8n stays down, because the budget holds it; raise the budget, or start it yourself"
    )
    assert str(refusal(row(PERSON))).startswith("n8n stays down, because a person stopped it")
    assert str(refusal(row(SCALING))).startswith("n8n stays down, because it was not needed")
    assert str(refusal(row(PERSON, UP))).startswith("n8n stays up, because a person wants it so")
