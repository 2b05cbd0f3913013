"""`[[graceful]]`: which steps are taken, and what is said of one that cannot be."""

import pytest

from models.budget.graceful import step_for, steps_in_force
from models.settings.graceful import Graceful
from models.settings.problems import settings_of
from sallim.ledger.statement_rows import Balance
from tests.told import problem

STEP = '[[graceful]]\nfrom_model = "gpt-5"\n'
API = Balance("api", 0, 1, 1_000, 700, 500, 100, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('to_model = "gpt-5"', "which is from_model as well"),
        ('to_model = "a b"', "it takes the name of a model"),
        ('bucket = "servers"', "which has no cap; it takes one of total, api"),
        ("at_percent = 0", "from 1 to 100"),
    ],
)
def test_a_step_that_cannot_be_taken_is_refused_with_what_can(text, says):
    assert says in problem(STEP + text)


def test_a_budget_of_its_own_may_decide():
    text = f'[budget]\nworkflows_krw = ["ocr=500"]\n{STEP}bucket = "workflow:ocr"'

    [step] = settings_of(text, "sallim.toml").graceful

    assert (step.bucket, step.at_percent, step.to_model) == ("workflow:ocr", 80, "")


@pytest.mark.parametrize(("percent", "is_taken"), [(80, True), (81, False)])
def test_it_goes_by_what_is_spent_and_in_doubt_and_not_by_what_is_kept_free(percent, is_taken):
    rule = Graceful(at_percent=percent, from_model="gpt-5", to_model="gpt-5-mini")

    assert bool(steps_in_force([rule], [API])) is is_taken


def test_the_step_that_goes_furthest_counts_and_half_a_step_none():
    first = Graceful(name="a", at_percent=50, from_model="gpt-5", to_model="gpt-5-mini")
    second = Graceful(name="b", at_percent=70, from_model="gpt-5", to_model="gpt-5-nano")
    half = Graceful(name="c", at_percent=10, from_model="gpt-5")

    steps = steps_in_force([first, second, half], [API])

    assert [each.name for each in steps] == ["b", "a"]
    assert step_for("gpt-5", steps) is second
    assert steps_in_force([first], [API._replace(settled_micro=0, unverified_micro=0)]) == []
    assert steps_in_force([first], []) == []
