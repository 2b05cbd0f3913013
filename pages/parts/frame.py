"""What stands above and below every page."""

from collections.abc import Mapping
from typing import Any, Literal

import streamlit as st
from streamlit.navigation.page import Page

from models.messages import Message
from pages.parts.account import draw_account
from pages.parts.empty import has_source
from pages.parts.formats import moment
from pages.parts.house import ROOT, home, zone
from pages.parts.source import health_of, view_of
from pages.parts.texts import LANGUAGES, language, plain, texts, told

BANNER_SECONDS = 5
FRAMED = "framed"
"""Set in the session while app.py draws a page."""


def navigation() -> Page:
    """The sections that have something to show; addresses are the same in every language.

    A page about what is not configured is reached by its address alone, and says what is missing.
    """
    _ = texts()
    view = view_of(home())

    def at(name: str, title: str, *, shown: bool = True) -> Page:
        visibility: Literal["visible", "hidden"] = "visible" if shown else "hidden"
        path = ROOT / "pages" / f"{name}.py"
        return st.Page(path, title=title, url_path=name, visibility=visibility)

    overview = ROOT / "pages" / "overview.py"
    return st.navigation(
        {
            _("Now"): [st.Page(overview, title=_("Overview"), url_path="overview", default=True)],
            _("Pipeline"): [
                at("analyses", _("Analyses")),
                at("workflows", _("Workflows"), shown=has_source(view, "n8n")),
            ],
            _("Machines"): [at("machines", _("Machines"))],
            _("Money"): [at("costs", _("Costs")), at("budget", _("Budget"))],
            _("Ahead"): [at("demand", _("Demand"))],
            _("House"): [at("settings", _("Settings"))],
        },
        position="top",
    )


def draw_framed(page: Page) -> None:
    st.session_state[FRAMED] = True
    try:
        page.run()
    finally:
        del st.session_state[FRAMED]


def insist_on_frame() -> None:
    """Send a page that is drawn without app.py back to it.

    A server that has just started takes the folder `pages` for Streamlit's older kind of app, and
    runs `/machines` without its frame. Asking for the navigation once ends that.
    """
    if FRAMED not in st.session_state:
        navigation()
        st.rerun()


@st.fragment(run_every=BANNER_SECONDS)
def banner() -> None:
    """Demo data, a silent agent, a settings file that cannot be used: said on every page."""
    _ = texts()
    view = view_of(home())
    if view.demo:
        st.warning(_("**Demo**: the data on every page is made up."), icon=":material/science:")
    if view.silent:
        st.error(_silence(view.silent_since), icon=":material/link_off:")
        return
    health = health_of(home()) or {}
    problems = problems_of(health.get("settings", {}))
    if problems:
        st.error(
            "  \n".join([_("The settings file cannot be used."), *problems]),
            icon=":material/edit_document:",
        )


def problems_of(settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with the settings file, a line of Markdown each; empty when nothing is."""
    messages = [Message.from_json(shape) for shape in settings.get("problems", ())]
    if messages:
        return [told(message) for message in messages]
    return [plain(line) for line in str(settings.get("error") or "").splitlines()]


def heading(title: str, question: str) -> bool:
    """The title, the one question that the page answers, and whether it is paused."""
    insist_on_frame()
    _ = texts()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(gap=None, width="stretch"):
            st.title(title)
            st.caption(question)
        return st.toggle(_("Pause"), key="pause", help=_("Stop drawing anew; the agent goes on."))


def _silence(since: float | None) -> str:
    _ = texts()
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
    _ = texts()
    current = language()
    st.divider()
    version = getattr(view_of(home()).live, "version", "")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(f"Sallim {version}".strip(), width="content")
        draw_account()
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
