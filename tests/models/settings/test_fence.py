"""`[fence]`: off in a new house, and only "off" or "on"."""

import pytest

from models.settings import Settings
from models.settings.problems import settings_of
from tests.told import problem


def test_a_new_house_has_no_fence():
    assert Settings().fence.on == ()


def test_what_is_on_is_named():
    assert settings_of('[fence]\nanthropic = "on"\n', "x").fence.on == ("anthropic",)


@pytest.mark.parametrize("value", ["true", '"yes"', '"ask"', "1"])
def test_anything_else_is_refused_with_key_value_and_what_works(value):
    said = problem(f"[fence]\nopenai = {value}\n")

    assert said.startswith(f"sallim.toml line 2: fence.openai is {value}")
    assert '"off"' in said
