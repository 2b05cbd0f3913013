"""Who holds a lock, and who waits for it: a tree, the root first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.parts.formats import duration
from pages.parts.status import HIGH, badge
from pages.parts.texts import plain, texts, told

LINES_MAX = 40
QUERY_CHARACTERS_MAX = 160
DEPTH_MAX = 6


def draw_blocking(roots: Sequence[Mapping[str, Any]]) -> None:
    if not roots:
        return
    _ = texts()
    st.subheader(_("Who blocks whom"))
    lines = [line for root in roots for line in _lines(root, 0)]
    st.markdown("\n".join(lines[:LINES_MAX]))


def _lines(session: Mapping[str, Any], depth: int) -> Iterator[str]:
    """A session and below it those that wait for it, as a nested list of Markdown."""
    _ = texts()
    who = plain(" · ".join(str(session[k]) for k in ("user", "app") if session.get(k)))
    process = _("process {pid}").format(pid=session.get("pid"))
    seconds = session.get("seconds")
    lasting = "" if seconds is None else told(duration(float(seconds)))
    holds = badge(HIGH, _("blocks {n}").format(n=session.get("waiting", 0))) if not depth else ""
    query = plain(str(session.get("query") or "")[:QUERY_CHARACTERS_MAX].replace("\n", " "))
    parts = [part for part in (holds, process, who, lasting, query) if part]
    yield f"{'    ' * depth}- {' · '.join(parts)}"
    if depth < DEPTH_MAX:
        for child in session.get("children", ()):
            yield from _lines(child, depth + 1)
