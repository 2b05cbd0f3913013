"""The house's own settings that a page needs: its language and its time zone."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from data.home import Home, home_at
from data.settings_file import check, settings_path
from models.errors import ConfigError
from models.settings import House, Settings

ROOT = Path(__file__).parents[2]


def home() -> str:
    """The folder of the home, as text: the first key of everything that is cached."""
    return str(home_at(None, os.environ, ROOT).path)


def house() -> House:
    return settings().house


def settings() -> Settings:
    place = Home(Path(home()))
    path = settings_path(os.environ, ROOT, place)
    return _settings(str(path or ""), str(place.settings_last_good))


@st.cache_data(show_spinner=False, ttl=60, max_entries=8)
def _settings(path: str, last_good: str) -> Settings:
    """Like the agent: the file, else the last good one, else the defaults."""
    for candidate in (path, last_good):
        if candidate and Path(candidate).is_file():
            try:
                return check(Path(candidate))
            except ConfigError:
                continue
    return Settings()


def zone() -> ZoneInfo:
    """The reader's zone as the browser says it, else the house's."""
    try:
        return ZoneInfo(st.context.timezone or "")
    except (ZoneInfoNotFoundError, ValueError):
        return house().zone
