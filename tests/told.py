"""What is said about a settings file that may not be used."""

import pytest

from models.errors import ConfigError
from models.settings.keys import keys
from models.settings.problems import settings_of

KEYS = {key.name: key for key in keys()}


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as refusal:
        settings_of(text, "sallim.toml")
    return str(refusal.value).splitlines()


def problem(text: str) -> str:
    [only] = problems(text)
    return only
