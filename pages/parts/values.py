"""Values that may not be known: a dash on a tile and in a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from models.csv_text import inert
from pages.parts.formats import duration, number, percent, size
from pages.parts.texts import texts
from pages.parts.words import said

NO_VALUE = "–"


def draw_plain_tiles(pairs: Sequence[tuple[str, str]]) -> None:
    with st.grid(columns="auto", min_column_width=150):
        for title, value in pairs:
            st.metric(title, value, border=True, height="stretch")


def draw_rows(
    columns: Mapping[str, Sequence[Any]],
    *,
    key: str,
    alt: str,
    column_config: Mapping[str, Any] | None = None,
) -> None:
    """A table by its columns; what is not known (None) is a dash in it.

    Whoever looks may download it: names from outside are no formulas then either.
    """
    st.dataframe(
        {
            name: [inert(value) if isinstance(value, str) else value for value in values]
            for name, values in columns.items()
        },
        column_config=column_config,
        hide_index=True,
        placeholder=NO_VALUE,
        key=key,
        alt=alt,
    )


def seconds_column() -> object:
    _ = texts()
    return st.column_config.NumberColumn(format=_("%.1f s"))


def rate_or_dash(value: float | None) -> str:
    _ = texts()
    return NO_VALUE if value is None else _("{n}/s").format(n=number(value))


def share_or_dash(value: float | None) -> str:
    return NO_VALUE if value is None else percent(value)


def time_or_dash(value: float | None) -> str:
    return NO_VALUE if value is None else said(duration(value))


def size_or_dash(value: float | None) -> str:
    return NO_VALUE if value is None else size(value)


def days_or_dash(value: float | None) -> str:
    return NO_VALUE if value is None else f"{value:,.0f}"


def milli_or_none(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def percent_or_none(share: float | None) -> float | None:
    return None if share is None else share * 100


def growth_or_none(bytes_a_day: float | None) -> str | None:
    if bytes_a_day is None:
        return None
    sign = "+" if bytes_a_day > 0 else ""
    return f"{sign}{size(bytes_a_day)}"
