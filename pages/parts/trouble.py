"""What is said where a page asked and got no answer."""

import streamlit as st

from models.errors import AgentSilent, QueryRefused
from pages.parts.house import home
from pages.parts.source import store_exists
from pages.parts.texts import plain, texts


def draw_trouble(error: AgentSilent | QueryRefused) -> None:
    _ = texts()
    if isinstance(error, AgentSilent):
        st.info(nobody_answers(), icon=":material/hourglass_empty:")
    else:
        st.error(_("The store did not answer: {reason}").format(reason=plain(str(error))))


def nobody_answers() -> str:
    _ = texts()
    if store_exists(home()):
        return _(
            "The agent does not answer and still holds the store, so nobody else can read it. End "
            "the agent, or start it anew."
        )
    return _("There is no store to read yet. It begins when the agent starts: `make run`.")
