"""The outer fence under a month's course: what providers stop at themselves, and who is first."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from models.messages import Message
from pages.parts.status import FINE, IN_PART, WATCH, badge
from pages.parts.texts import texts, told


def draw_fences(said: Mapping[str, Any] | None) -> None:
    """`said` is the answer of `GET /budget`, None where nobody tells."""
    lines = fence_lines((said or {}).get("fences", ()))
    if lines:
        st.markdown("\n".join(lines))


def fence_lines(fences: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each fence with what is to be known of it, as a list of Markdown."""
    _ = texts()
    lines = []
    for fence in fences:
        look = badge(FINE, _("holds")) if fence["holds"] else badge(WATCH, told(IN_PART))
        lines.append(f"- {look} {told(Message.from_json(fence['text']))}")
        lines += [f"    - {told(Message.from_json(note))}" for note in fence["notes"]]
    return lines
