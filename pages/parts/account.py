"""Who is signed in, as a page sees it. The gate has asked before; a page asks once more."""

import streamlit as st

from models.doors import SIGNIN
from models.errors import AgentSilent
from pages.entry.house import home
from pages.entry.visitors import ANYBODY, Visitor, cookie_name, visitors_of
from pages.parts.house import settings
from pages.parts.texts import plain, texts


def session_token() -> str:
    """What the agent is shown for whatever this visitor asks it to do; "" where nobody signs in."""
    return st.context.cookies.get(cookie_name(home()), "")


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
        st.markdown(f"[{_('Sign in')}]({SIGNIN})")
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
    rests = f" · {_('rests: only looking')}" if here.rests else ""
    way = f"[{_('This device, sign out')}]({SIGNIN})"
    st.markdown(f":material/person: {plain(here.name)} · {role}{rests} · {way}")
