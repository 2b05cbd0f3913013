"""What is added to a request so that its usage is told, and nothing else: no limit, no model."""

from __future__ import annotations

import json
from typing import NamedTuple

from sallim.guard.reading import Call

NO_STREAM_OPTIONS = ("mistral",)
"""It tells the usage by itself, and refuses what it does not know."""


class Changed(NamedTuple):
    """`content` None: as it was. `hides`: the chunk with the usage is not for the caller."""

    content: bytes | None
    hides: bool


def with_usage(call: Call) -> Changed:
    """Streams of OpenAI's chat tell their usage only when they are asked; OpenRouter its cost."""
    if call.flavour not in ("openai.chat", "openrouter"):
        return Changed(None, False)
    extra: dict[str, object] = {}
    if call.stream and call.provider not in NO_STREAM_OPTIONS:
        options = call.body.get("stream_options")
        options = options if isinstance(options, dict) else {}
        if not options.get("include_usage"):
            extra["stream_options"] = {**options, "include_usage": True}
    hides = bool(extra)
    if call.flavour == "openrouter" and "usage" not in call.body:
        extra["usage"] = {"include": True}
    return Changed(_added(call, extra) if extra else None, hides)


def _added(call: Call, extra: dict[str, object]) -> bytes:
    """The caller's own bytes where nothing of it stands there yet, so that nothing else changes."""
    if any(name in call.body for name in extra):
        return json.dumps({**call.body, **extra}).encode()
    rest = call.content.rstrip()[:-1].rstrip()
    return rest + b"," + json.dumps(extra, separators=(",", ":")).encode()[1:]
