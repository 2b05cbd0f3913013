"""The house's own settings that a page needs: its language and its time zone."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from models.settings import House, Settings
from pages.entry.house import ROOT, files, home, read

__all__ = ["ROOT", "home", "house", "settings", "zone"]


def house() -> House:
    return settings().house


def settings() -> Settings:
    return _settings(*files())


@st.cache_data(show_spinner=False, ttl=60, max_entries=8)
def _settings(path: str, last_good: str) -> Settings:
    return read(path, last_good)


def zone() -> ZoneInfo:
    """The reader's zone as the browser says it, else the house's."""
    try:
        return ZoneInfo(st.context.timezone or "")
    except (ZoneInfoNotFoundError, ValueError):
        return house().zone
