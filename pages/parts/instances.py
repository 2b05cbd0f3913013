"""One line for each n8n: how it is, its version, its queue, and what it does not tell."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models.views import View
from pages.parts.status import source_line
from pages.parts.texts import plain, texts


def draw_n8n(view: View, details: Mapping[str, Any]) -> None:
    _ = texts()
    sources = view.live.sources if view.live is not None else ()
    for source in sources:
        if source.kind != "n8n":
            continue
        detail = details.get(source.name, {})
        parts = [source_line(source)]
        if detail.get("version"):
            parts.append(_("version {version}").format(version=plain(str(detail["version"]))))
        if detail.get("queue_waiting") is not None:
            parts.append(_("{n} waiting in the queue").format(n=detail["queue_waiting"]))
        st.markdown(" · ".join(parts))
