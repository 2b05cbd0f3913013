"""Bodies of Gemini: generateContent, its stream, and embeddings.

Its API takes every name in both spellings, maxOutputTokens and max_output_tokens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sallim.guard.bounding.found import (
    SOUND_TOKENS_SECOND,
    TOOLS_OVERHEAD,
    Found,
    tables_in,
    whole,
)
from sallim.guard.bounding.media import seconds_of_base64

CLOSED = ("args", "response")
TEXTS = (*CLOSED, "properties", "enum", "required")
"""Below these stand names and words of the caller's own."""
FRAMES_A_SECOND_MAX = 24
NO_THOUGHTS = ("gemini-1", "gemini-2.0", "gemini-embedding", "text-embedding", "gemma")
FINDING = ("urlContext", "fileSearch", "codeExecution")
SEARCHING = ("googleSearch", "googleSearchRetrieval")
OWN = ("functionDeclarations", "computerUse")


def walk(body: Mapping[str, Any], found: Found, model: str) -> None:
    held = [_get(body, name) for name in ("contents", "systemInstruction", "content", "requests")]
    for shape in tables_in(held, CLOSED):
        _part(shape, found)
    for shape in tables_in(dict(body), TEXTS):
        twice = next((name for name in shape if "_" in name and _camel(name) in shape), None)
        if twice is not None:
            found.refuse(f"it says {twice[:60]!r} in two spellings.", "Send one of them.")
    if _get(body, "cachedContent"):
        found.kept("cached content")
    _tools(body, found, model)
    _output(body, found, model)


def _part(shape: Mapping[str, Any], found: Found) -> None:
    inline, file = _get(shape, "inlineData"), _get(shape, "fileData")
    if isinstance(inline, Mapping):
        data = inline.get("data")
        found.inline += len(data) if isinstance(data, str) else 0
        _medium(shape, inline, seconds_of_base64(data), found)
    elif isinstance(file, Mapping):
        uri = _get(file, "fileUri")
        _medium(shape, file, found.owner.seconds_by_uri.get(str(uri)), found)


def _medium(
    shape: Mapping[str, Any], data: Mapping[str, Any], seconds: int | None, found: Found
) -> None:
    kind = str(_get(data, "mimeType") or "").partition("/")[0]
    if kind == "image":
        found.image()
    elif kind == "audio":
        found.sound(seconds, SOUND_TOKENS_SECOND, "sound of unknown length")
    elif kind in ("video", ""):
        # An address without a kind may be a video, as those of YouTube are.
        found.video(seconds, _frames(_get(shape, "videoMetadata")), "a video of unknown length")
    else:
        found.document("a file")


def _frames(details: object) -> int:
    """What cannot be read is the most: a text is a number to Protocol Buffers."""
    fps = details.get("fps") if isinstance(details, Mapping) else None
    try:
        rate = 1.0 if fps is None else float(fps)
    except (TypeError, ValueError):
        rate = FRAMES_A_SECOND_MAX
    return int(-(-max(rate, 1) // 1)) if rate <= FRAMES_A_SECOND_MAX else FRAMES_A_SECOND_MAX


def _tools(body: Mapping[str, Any], found: Found, model: str) -> None:
    tools = body.get("tools")
    listed = tools if isinstance(tools, list) else [tools or {}]
    if not all(isinstance(tool, Mapping) for tool in listed):
        found.refuse("its tools cannot be read.", "Send a list of tables.")
        return
    tops = {name for tool in listed for name in tool}
    if not tops:
        return
    found.extra_input = TOOLS_OVERHEAD
    for name in sorted(_camel(top) for top in tops):
        if name in SEARCHING:
            found.stored("what a search finds")
            # Up to Gemini 2.5 a prompt is paid for, whatever it searches; later each query is.
            found.uses("web_search", 1 if model.startswith(("gemini-1", "gemini-2")) else None)
        elif name in FINDING:
            found.stored(f"what {name} finds")
        elif name not in OWN:
            found.refuse(f"the tool {name[:60]!r} has no price that is known.")


def _output(body: Mapping[str, Any], found: Found, model: str) -> None:
    config = _get(body, "generationConfig")
    config = config if isinstance(config, Mapping) else {}
    most = whole(_get(config, "maxOutputTokens"))
    times = found.times(_get(config, "candidateCount"))
    kinds = _get(config, "responseModalities")
    pictures = isinstance(kinds, list) and any(str(kind).upper() != "TEXT" for kind in kinds)
    thoughts = _get(config, "thinkingConfig")
    budget = whole(_get(thoughts, "thinkingBudget")) if isinstance(thoughts, Mapping) else None
    if not thinks(model):
        budget = 0
    # Whether maxOutputTokens bounds thoughts is not certain: they are kept free beside it.
    known = most is not None and budget is not None and not pictures
    found.output = (most or 0) * times + (budget or 0) if known else None
    if found.output is None and times > 1:
        found.refuse(
            f"{times} answers without a limit of tokens and thoughts are not bounded by the "
            "model's maximum.",
            "Give maxOutputTokens and thinkingConfig.thinkingBudget.",
        )


def context_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Standard is what is answered when no tier is asked for."""
    tier = str(_get(body, "serviceTier") or "standard").lower()
    return {"service_tier": tier.rpartition("service_tier_")[2]}


def thinks(model: str) -> bool:
    """Whether it may make thoughts beside its answer."""
    return not model.rpartition("models/")[2].startswith(NO_THOUGHTS)


def sees_more(body: Mapping[str, Any]) -> bool:
    """Whether pictures count otherwise than where nothing is said, as in a count of tokens."""
    config = _get(body, "generationConfig")
    return isinstance(config, Mapping) and _get(config, "mediaResolution") is not None


def _get(shape: Mapping[str, Any], name: str) -> Any:
    value = shape.get(name)
    return shape.get(_snake(name)) if value is None else value


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _camel(name: str) -> str:
    """One spelling for both.

    >>> _camel("google_search"), _camel("urlContext")
    ('googleSearch', 'urlContext')
    """
    first, *rest = name.split("_")
    return first + "".join(each.capitalize() for each in rest)
