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


Example = tuple[str, str]
"""Lines to paste, and their language."""


def has_source(view: View, kind: str) -> bool:
    return view.live is not None and any(source.kind == kind for source in view.live.sources)


def draw_empty(text: str, *examples: Example) -> None:
    st.info(text, icon=ICON)
    for lines, language in examples:
        st.code(lines, language=language, wrap_lines=True)


def draw_no_workflows(view: View) -> None:
    _ = texts()
    if has_source(view, "n8n"):
        draw_empty(_("No run of a workflow is known yet. The first appear within a minute."))
        return
    draw_empty(
        _(
            "No n8n is connected. *Settings · Connect* looks for one on this machine, or add this "
            "to `sallim.toml`:"
        ),
        ('[[n8n]]\nurl = "http://127.0.0.1:5678"\napi_key = "N8N_API_KEY"', "toml"),
    )


def draw_no_databases(view: View) -> None:
    _ = texts()
    if view.silent:
        draw_empty(_("Only the agent knows the databases, and it is silent."))
        return
    draw_empty(
        _(
            "No database is connected. *Settings · Connect* looks for them on this machine, or add "
            "this to `sallim.toml`; the role needs `GRANT pg_monitor TO sallim`:"
        ),
        (
            (
                '[[postgres]]\nurl = "postgresql://sallim@127.0.0.1:5432/postgres"\n'
                'password = "PG_PASSWORD"\n\n[[redis]]\nurl = "redis://127.0.0.1:6379/0"'
            ),
            "toml",
        ),
    )


def draw_no_services(view: View) -> None:
    _ = texts()
    if view.silent:
        draw_empty(_("Only the agent knows the services, and it is silent."))
        return
    draw_empty(
        _("Nothing that must answer is named yet. Add this to `sallim.toml`:"),
        ('[[endpoint]]\nname = "api"\nurl = "https://api.example.com/healthz"', "toml"),
    )


def draw_no_analyses() -> None:
    _ = texts()
    draw_empty(
        _(
            "No analysis is known in this span. Write down your own with `sallim.job`, or name an "
            "n8n workflow that is one in `sallim.toml`:"
        ),
        (JOB_EXAMPLE, "python"),
        ('[[analysis]]\nname = "video"\nworkflow = "Analyse a video"', "toml"),
    )


def draw_no_budget() -> None:
    _ = texts()
    draw_empty(
        _(
            "There is no budget yet, and without one no paid call is let through. Give the month "
            "its caps in `sallim.toml`, in won:"
        ),
        ("[budget]\napi_krw = 15000\ntotal_krw = 24900", "toml"),
    )


def draw_no_calls(home: str) -> None:
    """`home` is where a program of this machine finds the ledger."""
    _ = texts()
    draw_empty(
        _(
            "No call is known yet. Put one line under the SDK of your program, and every call is "
            "counted before it is sent:"
        ),
        (GUARD_EXAMPLE, "python"),
    )
    st.caption(
        _(
            "In the environment of your program: `export SALLIM_HOME={home}`. What is not Python, "
            "such as n8n, calls through the gateway: `{command}`, see docs/gateway.md."
        ).format(home=shlex.quote(home), command=typed("gateway", home))
    )
