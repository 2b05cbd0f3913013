"""Bodies of OpenAI's shapes: chat, completions, responses; also of those that speak like it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sallim.guard.bounding.found import TOOLS_OVERHEAD, Found, tables_in, whole
from sallim.guard.bounding.media import seconds_of_base64

SOUND_TOKENS_SECOND = 20
"""Ten a second for gpt-4o-audio (platform.openai.com/docs/guides/audio); twice as much is kept."""
CLOSED = ("arguments", "parameters", "schema")
FREE_TOOLS = {
    *("function", "custom", "local_shell", "apply_patch", "namespace", "tool_search"),
    *("computer", "computer_use_preview"),
}
"""Those that the caller's own program carries out."""
PAID_TOOLS = {
    "web_search": "web_search",
    "web_search_preview": "web_search",
    "file_search": "file_search",
    "code_interpreter": "code_execution",
}
STORED = ("previous_response_id", "conversation", "prompt_template", "context_id")


SEARCHING = re.compile(r"-search(-|$)")
"""Models that search for each answer, whether they are asked to or not: gpt-4o-search-preview."""
OTHER_PRICES = {
    "plugins": "its plugins have",
    "search_parameters": "its search_parameters have",
    "agent_id": "an agent, which brings a model and tools of its own, has",
    "preset": "a preset, which may bring another model, has",
}


def walk_chat(body: Mapping[str, Any], found: Found, model: str) -> None:
    for shape in tables_in(body.get("messages"), CLOSED):
        _part(shape, found)
        if isinstance(shape.get("audio"), Mapping) and "role" in shape:
            found.kept("sound of an earlier answer")
    _refuse_others(body, found)
    _tools(body, found)
    if body.get("web_search_options") is not None or SEARCHING.search(model):
        found.uses("web_search", 1)
        found.stored("what a search finds")
    if body.get("prediction"):
        # Predicted tokens that are rejected are paid for as output.
        found.extra += len(json.dumps(body["prediction"], ensure_ascii=False).encode())
    times = found.times(body.get("n"), body.get("best_of")) * _prompts(body.get("prompt"))
    most = _most(body, "max_completion_tokens", "max_tokens")
    found.output = None if most is None else most * times
    if most is None and times > 1:
        found.refuse(
            f"{times} answers without a limit of tokens are not bounded by the model's maximum.",
            "Give max_completion_tokens.",
        )


def _refuse_others(body: Mapping[str, Any], found: Found) -> None:
    for name, what in OTHER_PRICES.items():
        if body.get(name):
            found.refuse(f"{what} no price that is known.")


def _most(body: Mapping[str, Any], *names: str) -> int | None:
    """The highest limit; None where there is none, or one that a provider may read otherwise."""
    asked = [whole(body[name]) for name in names if body.get(name) is not None]
    return None if None in asked else max((each or 0 for each in asked), default=None)


def _prompts(prompt: object) -> int:
    """Each of a list of texts, or of lists of tokens, is answered by itself."""
    if not isinstance(prompt, list) or all(isinstance(each, int) for each in prompt):
        return 1
    return len(prompt)


def walk_responses(body: Mapping[str, Any], found: Found, _model: str) -> None:
    for shape in tables_in(body.get("input"), CLOSED):
        _part(shape, found)
    for name in STORED:
        if body.get(name):
            found.kept(name)
    _stored_prompt(body, found)
    _refuse_others(body, found)
    _tools(body, found)
    limit = whole(body.get("max_tool_calls"))
    found.again = found.again if limit is None else min(found.again, limit)
    found.output = whole(body.get("max_output_tokens"))


def _stored_prompt(body: Mapping[str, Any], found: Found) -> None:
    """It may hold messages, pictures and tools; only a call that uses no tool is bounded then."""
    if not body.get("prompt"):
        return
    found.kept("a stored prompt")
    if 0 not in (whole(body.get("max_tool_calls")), found.owner.max_tool_calls):
        found.refuse(
            "a stored prompt may bring tools that the body does not show (web search, file search, "
            "code interpreter, pictures, MCP), and what they cost is bounded by nothing.",
            "Send its text and its tools in the call itself, or give the call max_tool_calls = 0, "
            "or make the client with guard(max_tool_calls=0) where no stored prompt has tools.",
        )


def _part(shape: Mapping[str, Any], found: Found) -> None:
    kind = shape.get("type")
    if kind in ("image_url", "input_image", "computer_screenshot"):
        url = shape.get("image_url")
        found.image(url.get("url") if isinstance(url, Mapping) else url)
    elif kind == "image_generation_call":
        found.image(shape.get("result"))
    elif kind == "input_audio":
        inner = shape.get("input_audio")
        data = inner.get("data") if isinstance(inner, Mapping) else shape.get("data")
        found.inline += len(data) if isinstance(data, str) else 0
        found.sound(seconds_of_base64(data), SOUND_TOKENS_SECOND, "sound of unknown length")
    elif kind == "video_url":
        url = shape.get("video_url")
        data = url.get("url") if isinstance(url, Mapping) else url
        found.inline += len(data) if isinstance(data, str) and data.startswith("data:") else 0
        found.video(None, 1, "a video of unknown length")
    elif kind in ("file", "input_file", "document_url"):
        found.document("a file")
    elif kind in ("item_reference", "input_reference"):
        found.kept("an item that is stored")


def _tools(body: Mapping[str, Any], found: Found) -> None:
    tools = body.get("tools")
    if not isinstance(tools, list) or not tools:
        return
    found.extra_input = TOOLS_OVERHEAD
    for tool in tools:
        if not isinstance(tool, Mapping):
            found.refuse("its tools cannot be read.", "Send a list of tables.")
            return
        kind = str(tool.get("type", ""))
        name = next((each for each in PAID_TOOLS if kind.startswith(each)), "")
        if kind in FREE_TOOLS or (not kind and "function" in tool):
            continue
        found.stored(f"what {kind or 'a tool'} finds")
        if name:
            # All of its tools share one limit, so each is counted by it.
            found.uses(PAID_TOOLS[name], body.get("max_tool_calls"))
        elif kind == "mcp":
            found.carries_out("an MCP server", body.get("max_tool_calls"))
        else:
            found.refuse(f"the tool {kind[:60]!r} has no price that is known.")


def context_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Without a tier the project's own setting decides, so all are possible."""
    tier = body.get("service_tier")
    return {"service_tier": tier} if isinstance(tier, str) and tier else {}
