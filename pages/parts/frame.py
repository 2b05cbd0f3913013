"""What stands above and below every page."""

import streamlit as st

from pages.parts.formats import moment
from pages.parts.house import zone
from pages.parts.source import health_of, home, view_of
from pages.parts.texts import LANGUAGES, language, plain, texts

BANNER_SECONDS = 5


@st.fragment(run_every=BANNER_SECONDS)
def banner() -> None:
    """Demo data, a silent agent, a settings file that cannot be used: said on every page."""
    _, _n = texts()
    view = view_of(home())
    if view.demo:
        st.warning(_("**Demo**: the data on every page is made up."), icon="🧪")
    if view.silent:
        st.error(_silence(view.silent_since), icon="📵")
        return
    health = health_of(home()) or {}
    problem = health.get("settings", {}).get("error")
    if problem:
        st.error(
            _("The settings file cannot be used; the last good one is in force: {problem}").format(
                problem=plain(str(problem))
            ),
            icon="📄",
        )


def heading(title: str, question: str) -> bool:
    """The title, the one question that the page answers, and whether it is paused."""
    _, _n = texts()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(gap=None, width="stretch"):
            st.title(title)
            st.caption(question)
        return st.toggle(_("Pause"), key="pause", help=_("Stop drawing anew; the agent goes on."))


def _silence(since: float | None) -> str:
    _, _n = texts()
    advice = _("Start it with `make run`, or look at its log: `journalctl -u sallim-agent`.")
    if since is None:
        return _("The agent does not answer, and nothing is stored yet.") + " " + advice
    return (
        _("The agent is silent since {moment}. What is shown was stored before.").format(
            moment=moment(since, zone())
        )
        + " "
        + advice
    )


def footer() -> None:
    """The language, in the address as `?lang=` so that it can be shared."""
    _, _n = texts()
    current = language()
    st.divider()
    version = getattr(view_of(home()).live, "version", "")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(f"Sallim {version}".strip(), width="content")
        chosen = st.segmented_control(
            _("Language"),
            list(LANGUAGES),
            default=current,
            required=True,
            format_func=LANGUAGES.__getitem__,
            key="language",
            label_visibility="collapsed",
        )
    if chosen and chosen != current:
        st.query_params["lang"] = chosen
        st.rerun()
