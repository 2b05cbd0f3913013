"""What a page says that has nothing to show yet, and what would fill it."""

import shlex

import streamlit as st

from models.typed import typed
from models.views import View
from pages.parts.texts import texts

ICON = ":material/hourglass_empty:"
JOB_EXAMPLE = """import sallim

with sallim.job("video", key="video-17") as job, job.stage("transcribe"):
    ..."""

GUARD_EXAMPLE = """from openai import OpenAI
from sallim import guard

client = OpenAI(http_client=guard(workflow="ocr"))"""


def has_source(view: View, kind: str) -> bool:
    return view.live is not None and any(source.kind == kind for source in view.live.sources)


def draw_no_workflows(view: View) -> None:
    _ = texts()
    if has_source(view, "n8n"):
        st.info(
            _("No run of a workflow is known yet. The first appear within a minute."), icon=ICON
        )
        return
    st.info(
        _(
            "No n8n is connected. *Settings · Connect* looks for one on this machine, or add this "
            "to `sallim.toml`:"
        ),
        icon=ICON,
    )
    st.code('[[n8n]]\nurl = "http://127.0.0.1:5678"\napi_key = "N8N_API_KEY"', language="toml")


def draw_no_databases(view: View) -> None:
    _ = texts()
    if view.silent:
        st.info(_("Only the agent knows the databases, and it is silent."), icon=ICON)
        return
    st.info(
        _(
            "No database is connected. *Settings · Connect* looks for them on this machine, or add "
            "this to `sallim.toml`; the role needs `GRANT pg_monitor TO sallim`:"
        ),
        icon=ICON,
    )
    st.code(
        '[[postgres]]\nurl = "postgresql://sallim@127.0.0.1:5432/postgres"\n'
        'password = "PG_PASSWORD"\n\n[[redis]]\nurl = "redis://127.0.0.1:6379/0"',
        language="toml",
    )


def draw_no_services(view: View) -> None:
    _ = texts()
    if view.silent:
        st.info(_("Only the agent knows the services, and it is silent."), icon=ICON)
        return
    st.info(_("Nothing that must answer is named yet. Add this to `sallim.toml`:"), icon=ICON)
    st.code('[[endpoint]]\nname = "api"\nurl = "https://api.example.com/healthz"', language="toml")


def draw_no_analyses() -> None:
    _ = texts()
    st.info(
        _(
            "No analysis is known in this span. Write down your own with `sallim.job`, or name an "
            "n8n workflow that is one in `sallim.toml`:"
        ),
        icon=ICON,
    )
    st.code(JOB_EXAMPLE, language="python")
    st.code('[[analysis]]\nname = "video"\nworkflow = "Analyse a video"', language="toml")


def draw_no_budget() -> None:
    _ = texts()
    st.info(
        _(
            "There is no budget yet, and without one no paid call is let through. Give the month "
            "its caps in `sallim.toml`, in won:"
        ),
        icon=ICON,
    )
    st.code("[budget]\napi_krw = 15000\ntotal_krw = 24900", language="toml")


def draw_no_calls(home: str) -> None:
    """`home` is where a program of this machine finds the ledger."""
    _ = texts()
    st.info(
        _(
            "No call is known yet. Put one line under the SDK of your program, and every call is "
            "counted before it is sent:"
        ),
        icon=ICON,
    )
    st.code(GUARD_EXAMPLE, language="python")
    st.caption(
        _(
            "In the environment of your program: `export SALLIM_HOME={home}`. What is not Python, "
            "such as n8n, calls through the gateway: `{command}`, see docs/gateway.md."
        ).format(home=shlex.quote(home), command=typed("gateway", home))
    )
