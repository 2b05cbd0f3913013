"""The house's own settings that a page needs: its language and its time zone."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from models.settings import House


def house() -> House:
    return House()


def zone() -> ZoneInfo:
    """The reader's zone as the browser says it, else the house's."""
    try:
        return ZoneInfo(st.context.timezone or "")
    except (ZoneInfoNotFoundError, ValueError):
        return house().zone
