"""The frame around every page: sign-in, warm-up, navigation, language, and what concerns all pages.

`streamlit run app.py` loads it twice: as a module that says what is served and by whom it is
guarded, and as the script that draws a page.
"""

import gc

import streamlit as st
from starlette.middleware import Middleware

from pages.entry.gate import Gate
from pages.entry.rebinding import proven
from pages.entry.signin import signin_routes


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


def draw() -> None:
    # Not above: a server that begins has nothing yet that caches could be kept in.
    from pages.parts.account import insist_on_visitor
    from pages.parts.frame import banner, draw_framed, footer, navigation

    st.set_page_config(page_title="Sallim", page_icon="🏠", layout="wide")
    warm_up()
    insist_on_visitor()
    page = navigation()
    banner()
    draw_framed(page)
    footer()


if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, routes=signin_routes(), middleware=[Middleware(Gate)], lifespan=proven)
