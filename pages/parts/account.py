"""Who is signed in, as a page sees it. The gate has asked before; a page asks once more."""

from html import escape

import streamlit as st

from models.doors import SIGNIN, session_in
from models.errors import AgentSilent
from pages.entry.house import home
from pages.entry.visitors import ANYBODY, Visitor, cookie_name, visitors_of
from pages.parts.house import settings
from pages.parts.texts import plain, texts

PERSON = ":material/person:"


def session_token() -> str:
    """What the agent is shown for whatever this visitor asks it to do; "" where nobody signs in."""
    return session_in(st.context.cookies.get(cookie_name(home()), ""))


def visitor() -> Visitor | None:
    """Raises AgentSilent where nobody knows."""
    if not settings().asks_who:
        return ANYBODY
    return visitors_of(home()).who(session_token())


def insist_on_visitor() -> None:
    """End the run where nobody is signed in; where somebody is, he has just done something."""
    _ = texts()
    try:
        here = visitor()
    except AgentSilent:
        here = None
    if here is None:
        st.title(_("Signed out"))
        _way(_("Sign in"))
        st.stop()
    if here is not ANYBODY:
        visitors_of(home()).used(session_token())


def draw_account() -> None:
    """Name, role and the way to sign out, on one line below every page."""
    _ = texts()
    try:
        here = visitor()
    except AgentSilent:
        here = None
    if here is None:
        return
    if here is ANYBODY:
        st.caption(_("Nobody signs in here: everybody may look, nobody may change anything."))
        return
    roles = {"viewer": _("viewer"), "operator": _("operator"), "owner": _("owner")}
    role = roles.get(here.role, here.role)
    resting = _("rests: only looking")
    rests = f" · {resting}" if here.rests else ""
    whose = role if here.name == here.role else f"{here.name} · {role}"
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.caption(f"{PERSON} {plain(whose)}{rests}", width="content")
        _way(_("This device, sign out"))


def _way(text: str) -> None:
    """In the same tab, as Markdown's links are not: the cookie is of the whole browser."""
    st.html(f'<a href="{SIGNIN}">{escape(text)}</a>', width="content")
