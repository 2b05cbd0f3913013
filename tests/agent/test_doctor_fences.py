"""What the doctor says of outer fences: it asks, and sets nothing."""

import pytest

from agent.checks import Level
from agent.checks import fences as checks
from agent.fences import openai
from models.settings import Settings
from tests.agent.limiting import NOW, Household
from tests.standins.limits import OPENAI_KEY, limits_desk

ON = {"fence": {"openai": "on"}}
ENVIRON = {"OPENAI_ADMIN_KEY": OPENAI_KEY}


@pytest.fixture
def limits(monkeypatch):
    with limits_desk() as limits:
        # Where the real one is: the only thing that is not as in the house.
        monkeypatch.setattr(openai.OpenAiFence.__init__, "__defaults__", (limits.url,))
        yield limits


@pytest.fixture
def house(tmp_path):
    house = Household(tmp_path)
    yield house
    house.close()


def found(house, sections=None, environ=None):
    settings = Settings.model_validate(ON if sections is None else sections)
    return checks.fences(house.home, settings, ENVIRON if environ is None else environ, NOW)


def test_of_a_fence_that_is_off_nothing_is_said(house):
    assert found(house, {}) == []


def test_where_it_stands_and_who_is_first(house, limits):
    limits.openai = 5_000
    [finding] = found(house)
    assert finding.level is Level.OK
    assert "OpenAI stops at $50.00, Sallim at 15,000 won (api): Sallim trips" in str(finding.text)
    assert limits.written == []


def test_none_yet_is_no_problem(house, limits):
    assert [finding.level for finding in found(house)] == [Level.ABSENT]


def test_a_key_that_is_missing_or_wrong_is_named(house, limits):
    [missing] = found(house, environ={})
    assert missing.level is Level.PROBLEM
    assert "OPENAI_ADMIN_KEY is not set" in str(missing.text)
    [wrong] = found(house, environ={"OPENAI_ADMIN_KEY": "sk-wrong"})
    assert "it takes an admin key of the organization" in str(wrong.text)


def test_the_key_is_that_of_the_bill(house, limits):
    named = {**ON, "bill": [{"name": "main", "source": "openai", "key": "MY_ADMIN_KEY"}]}

    assert found(house, named, {"MY_ADMIN_KEY": OPENAI_KEY})[0].level is Level.ABSENT


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"automation": {"block": "ask"}}, 'automation.block is "ask"'),
        ({"budget": {"modes": ["api=count", "total=count"]}}, "no budget refuses calls"),
    ],
)
def test_a_budget_that_refuses_nothing_has_no_fence(house, limits, sections, words):
    [finding] = found(house, {**ON, **sections})

    assert finding.level is Level.PROBLEM
    assert words in str(finding.text)
