"""What would happen: placeholder."""

import streamlit as st

from models.settings.target import Target


def draw_what_if(target: Target) -> None:
    st.caption(target.name)
