"""What is said about a settings file that may not be used."""

import pytest

from models.errors import ConfigError
from models.settings import Settings
from models.settings.keys import is_list, keys
from models.settings.problems import settings_of

KEYS = {key.name: key for key in keys()}


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as refusal:
        settings_of(text, "sallim.toml")
    return str(refusal.value).splitlines()


def problem(text: str) -> str:
    [only] = problems(text)
    return only


NEEDED = {
    "analysis": "[[n8n]]\n",
    "service.requires": '[[service]]\nname = "postgres"\n',
}
"""What must stand in a file before an entry of a list, or before one of its keys."""


def setting(name: str, value: str) -> str:
    """A text that sets one key; one of a list of tables needs an entry to stand in."""
    section, _, key = name.rpartition(".")
    if section and is_list(tuple(section.split("."))):
        return f"{NEEDED.get(name, NEEDED.get(section, ''))}[[{section}]]\n{key} = {value}"
    return f"{name} = {value}"


def without_lists(settings: Settings) -> Settings:
    """The same without any entry of a list of tables."""
    lists = {name: () for name in Settings.model_fields if is_list((name,))}
    notify = settings.notify.model_copy(update={"channel": ()})
    waiting = settings.waiting.model_copy(update={"rerun_by": ()})
    return settings.model_copy(update={**lists, "notify": notify, "waiting": waiting})
