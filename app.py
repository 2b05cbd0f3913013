"""The frame around every page: warm-up, navigation, language, and what concerns all pages."""

import gc

import streamlit as st

from pages.parts.frame import banner, draw_framed, footer, navigation


@st.cache_resource(show_spinner=False)
def warm_up() -> bool:
    """Streamlit collects garbage after each refresh; what never dies need not be searched.

    Measured: a refresh of the tiles takes 20 instead of 115 ms of CPU.
    """
    import numpy as np
    import pandas as pd
    import plotly.graph_objects as go

    gc.collect()
    gc.freeze()
    return bool(np and pd and go)


st.set_page_config(page_title="Sallim", page_icon="🏠", layout="wide")
warm_up()
page = navigation()
banner()
draw_framed(page)
footer()
