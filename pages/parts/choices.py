"""Choices that stand in the address, so that a view can be shared: the same in every language."""

from collections.abc import Callable, Sequence

import streamlit as st

# Streamlit's own `bind="query-params"` writes the label into the address, which is translated.


def in_address(key: str, options: Sequence[str]) -> str:
    """What `?key=` asks for when it is one of the options, else the first; for `default=`."""
    wanted = st.query_params.get(key, "")
    return wanted if wanted in options else options[0]


def keep_in_address(key: str, value: str, usual: str) -> None:
    """Write a choice into the address; the usual one keeps the address short."""
    if value != usual:
        if st.query_params.get(key) != value:
            st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]


def segments(
    label: str, key: str, options: Sequence[str], format_option: Callable[[str], str]
) -> str:
    """A row of buttons bound to the address."""
    chosen = st.segmented_control(
        label,
        options,
        default=in_address(key, options) if key not in st.session_state else None,
        required=True,
        format_func=format_option,
        key=key,
        label_visibility="collapsed",
    )
    chosen = chosen or options[0]
    keep_in_address(key, chosen, options[0])
    return chosen


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
