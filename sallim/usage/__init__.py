"""Usage out of the answers of providers: whole bodies, and streams event by event.

The flavours are the shapes that are spoken on the wire, not the providers that speak them.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallim.usage import anthropic, gemini, openai, openrouter
from sallim.usage.counting import Malformed, Usage
from sallim.usage.streams import StreamUsage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["FLAVOURS", "StreamUsage", "Usage", "usage_of"]

FLAVOURS = {
    "openai.chat": openai.chat,
    "openai.responses": openai.responses,
    "openai.embeddings": openai.embeddings,
    "openai.audio": openai.audio,
    "anthropic": anthropic.messages,
    "gemini": gemini.generate,
    "openrouter": openrouter.router,
}


def usage_of(flavour: str, body: Mapping[str, Any]) -> Usage | None:
    """What a body says that it used; None where it says nothing that can be used.

    Nothing that stands in a body raises; an unknown flavour raises KeyError.
    """
    read = FLAVOURS[flavour]
    if not isinstance(body, dict) and not isinstance(body, Mapping):
        return None
    try:
        return read(body)
    except Malformed:
        return None
