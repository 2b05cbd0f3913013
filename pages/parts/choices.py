"""Choices that stand in the address, so that a view can be shared: the same in every language."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.spans import Span, span_of
from pages.parts.texts import texts, told

# Streamlit's own `bind="query-params"` writes the label into the address, which is translated.


def in_address(key: str, options: Sequence[str], usual: str = "") -> str:
    """What `?key=` asks for when it is one of the options, else the usual or the first one."""
    wanted = st.query_params.get(key, "")
    return wanted if wanted in options else usual or options[0]


def keep_in_address(key: str, value: str, usual: str) -> None:
    """Write a choice into the address; the usual one keeps the address short."""
    if value != usual:
        if st.query_params.get(key) != value:
            st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]


def segments(
    label: str,
    key: str,
    options: Sequence[str],
    format_option: Callable[[str], str],
    usual: str = "",
    *,
    many: bool = False,
) -> str:
    """A row of buttons bound to the address; the usual one is the first, or named.

    `many` stand apart, so that they look well where they need more than one row.
    """
    draw = st.pills if many else st.segmented_control
    chosen = draw(
        label,
        options,
        default=in_address(key, options, usual) if key not in st.session_state else None,
        required=True,
        format_func=format_option,
        key=key,
        label_visibility="collapsed",
    )
    chosen = chosen or usual or options[0]
    keep_in_address(key, chosen, usual or options[0])
    return chosen


def span_choice(spans: Sequence[Span]) -> Span:
    """The span that a page shows, of those that its history has."""
    _ = texts()
    titles = {span.key: told(span.title) for span in spans}
    return span_of(segments(_("Span"), "span", list(titles), titles.__getitem__))


def picker(
    label: str, key: str, options: Sequence[str], format_option: Callable[[str], str] = str
) -> str:
    """A list to choose from, bound to the address."""
    chosen = st.selectbox(
        label,
        options,
        index=options.index(in_address(key, options)),
        required=True,
        format_func=format_option,
        key=key,
        label_visibility="collapsed",
        width=220,
    )
    keep_in_address(key, chosen, options[0])
    return chosen


class OpenTab(NamedTuple):
    """The tab that is open; only its contents are computed and drawn."""

    key: str
    place: DeltaGenerator


def open_tab(titles: Mapping[str, str]) -> OpenTab:
    """Tabs bound to the address; the first one keeps it short."""
    keys = list(titles)
    tabs = st.tabs(
        list(titles.values()),
        default=titles[in_address("tab", keys)],
        key="tab",
        on_change="rerun",
    )
    opened = [(key, tab) for key, tab in zip(keys, tabs, strict=True) if tab.open]
    key, place = opened[0] if opened else (keys[0], tabs[0])
    keep_in_address("tab", key, keys[0])
    return OpenTab(key, place)
