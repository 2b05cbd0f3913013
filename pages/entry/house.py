"""Whose house this is, for what is older than the first page: nothing of Streamlit stands here."""

import os
from pathlib import Path

from data.home import Home, home_at
from data.settings_file import check, settings_path
from models.errors import ConfigError
from models.settings import Settings

ROOT = Path(__file__).parents[2]


def home() -> str:
    """The folder of the home, as text: the first key of everything that is cached."""
    return str(home_at(None, os.environ, ROOT).path)


def settings_now() -> Settings:
    return read(*files())


def files() -> tuple[str, str]:
    """The settings file and its last good copy; "" where there is none."""
    place = Home(Path(home()))
    path = settings_path(os.environ, ROOT, place)
    return str(path or ""), str(place.settings_last_good)


def read(path: str, last_good: str) -> Settings:
    """Like the agent: the file, else the last good one, else the defaults."""
    for candidate in (path, last_good):
        if candidate and Path(candidate).is_file():
            try:
                return check(Path(candidate))
            except ConfigError:
                continue
    return Settings()
