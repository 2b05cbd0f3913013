"""The tab `connect`: what is connected, and how to connect the rest."""

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from data.connecting import Draft, Surroundings, Verdict, draft, surroundings
from models.errors import AgentSilent, QueryRefused
from models.typed import typed
from models.views import View
from pages.parts.account import session_token
from pages.parts.answers import draw_sources
from pages.parts.house import home
from pages.parts.source import reader_of
from pages.parts.status import FINE, HIGH, UNKNOWN, badge, source_name
from pages.parts.texts import plain, texts, told

LEVELS = {"ok": FINE, "absent": UNKNOWN, "problem": HIGH}

PROBE_LINE = """curl -fsS -H "Authorization: Bearer $SALLIM_TOKEN" http://HUB:9464/probe.pyz \\
  -o sallim-probe.pyz && nohup python3 sallim-probe.pyz --to http://HUB:9464 &"""
BEAT_LINE = """curl -fsS -X POST -H "Authorization: Bearer $SALLIM_TOKEN" \\
  "http://HUB:9464/beat/backup?every=24h\""""
JOB_LINES = """import sallim

with sallim.job("analysis", key="video-17") as job:
    with job.stage("download"):
        ...
    with job.stage("transcribe"):
        ..."""


def draw_connected(view: View, details: Mapping[str, Any]) -> None:
    _ = texts()
    st.subheader(_("Connected now"))
    draw_sources(view, details)


def draw_look_around() -> None:
    """Look on this machine, ask a little, show the lines, write them once."""
    _ = texts()
    st.subheader(_("First configuration"))
    st.caption(
        _(
            "The agent looks on this machine only, at its own loopback address: GPU, PostgreSQL, "
            "Redis, n8n, Docker, systemd, Ollama. Nothing is changed by looking."
        )
    )
    if st.button(_("Look around"), icon=":material/travel_explore:", key="look"):
        st.session_state["around"] = _looked()
    around = st.session_state.get("around")
    if isinstance(around, Surroundings):
        _draw_found(around)
        _draw_form(around)


def _looked() -> Surroundings | None:
    _ = texts()
    try:
        with st.spinner(_("Looking around ...")):
            return surroundings(reader_of(home()))
    except (AgentSilent, QueryRefused) as refusal:
        st.error(plain(str(refusal)))
        return None


def _draw_found(around: Surroundings) -> None:
    _ = texts()
    if not around.found:
        st.info(_("Nothing but the machine itself was found; it is watched without any setting."))
    mark = badge(FINE, _("found"))
    st.markdown("  \n".join(f"{mark} {told(thing.text)}" for thing in around.found))


def _draw_form(around: Surroundings) -> None:
    _ = texts()
    with st.form("connect", border=True):
        answers = {
            question.key: st.text_input(
                told(question.text), value=question.usual, key=f"answer-{question.key}"
            )
            for question in around.questions
        }
        shows = st.form_submit_button(_("Show the settings"), icon=":material/visibility:")
        writes = st.form_submit_button(
            _("Write and take over"),
            icon=":material/save:",
            disabled=around.exists,
            help=_("{path} is there already and is never overwritten.").format(
                path=plain(around.target)
            )
            if around.exists
            else None,
        )
    if shows or writes:
        try:
            with st.spinner(_("Every source is asked once ...")):
                done = draft(reader_of(home()), answers, write=writes, session=session_token())
        except (AgentSilent, QueryRefused) as refusal:
            st.error(plain(str(refusal)))
            return
        _draw_draft(done)


def _draw_draft(done: Draft) -> None:
    _ = texts()
    if done.written:
        st.success(_("Written to {path} and in force.").format(path=plain(done.target)))
    st.code(done.text, language="toml")
    draw_verdicts(done.verdicts)
    for name in done.secrets:
        st.warning(
            _("Set the secret {name} in the agent's environment and start it anew.").format(
                name=plain(name)
            )
        )


def draw_verdicts(verdicts: Iterable[Verdict]) -> None:
    _ = texts()
    words = {"ok": _("works"), "absent": _("absent"), "problem": _("error")}
    lines = [
        f"{badge(LEVELS[verdict.level], words[verdict.level])} **{source_name(verdict.name)}** "
        f"· {told(verdict.text)}"
        for verdict in verdicts
    ]
    st.markdown("  \n".join(lines))


def draw_ways_in() -> None:
    """One line each for another machine, a heartbeat, a program of one's own."""
    _ = texts()
    st.subheader(_("Another machine"))
    st.caption(
        _(
            "Set `server.listen`, make a token with `{command}`, and put this into the machine's "
            "start script. HUB is this machine's private address."
        ).format(command=typed("token create gpu-1 --for push", home()))
    )
    st.code(PROBE_LINE, language="bash")
    st.subheader(_("A cron job, a dump, a worker"))
    st.caption(_("One line at its end; a heartbeat that does not come is told."))
    st.code(BEAT_LINE, language="bash")
    st.subheader(_("Your own analyses"))
    st.caption(
        _("`pip install` this checkout in the program's environment; it needs nothing else.")
    )
    st.code(JOB_LINES, language="python")
