"""Bodies of Anthropic's messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sallim.guard.bounding.found import TOOLS_OVERHEAD, Found, tables_in, whole

CLOSED = ("input", "input_schema")
OWN_TOOLS = ("bash_", "text_editor_", "computer_", "memory_", "tool_search_tool_", "custom")
"""Carried out by the caller's own program, or free."""
COMPACTS = "compact_"


def walk(body: Mapping[str, Any], found: Found) -> None:
    for shape in tables_in([body.get("system"), body.get("messages")], CLOSED):
        _block(shape, found)
    _tools(body, found)
    if body.get("mcp_servers"):
        found.stored("what MCP servers answer")
        found.carries_out("an MCP server", None)
    if body.get("container"):
        found.stored("a container")
    if body.get("inference_geo") not in (None, "global", "not_available"):
        found.refuse("a region of its own (inference_geo) costs more than the list of prices says.")
    found.output = whole(body.get("max_tokens"))
    edits = body.get("context_management")
    if any(str(each.get("type")).startswith(COMPACTS) for each in tables_in(edits, ())):
        found.stored("a compaction, which reads and writes all once more")
        found.output = None


def _block(shape: Mapping[str, Any], found: Found) -> None:
    kind = shape.get("type")
    source = shape.get("source")
    source = source if isinstance(source, Mapping) else {}
    if kind == "image":
        found.image(source.get("data"))
    elif kind == "document" and source.get("type") not in ("text", "content"):
        found.document("a document")
    elif kind == "container_upload":
        found.stored("a file in a container")


def _tools(body: Mapping[str, Any], found: Found) -> None:
    tools = body.get("tools")
    if not isinstance(tools, list) or not tools:
        return
    found.extra_input = TOOLS_OVERHEAD
    for tool in tools:
        kind = str(tool.get("type") or "custom") if isinstance(tool, Mapping) else "custom"
        if kind.startswith(OWN_TOOLS):
            continue
        found.stored(f"what {kind[:60]} finds")
        if kind.startswith("web_search_"):
            found.uses("web_search", tool.get("max_uses"))
        elif kind.startswith("web_fetch_"):
            found.carries_out("web_fetch", tool.get("max_uses"))
        elif not kind.startswith("mcp_toolset"):
            found.refuse(f"the tool {kind[:60]!r} has no price that is known.")


def context_of(body: Mapping[str, Any], content: bytes) -> dict[str, str]:
    """What is written to a cache is asked for by `cache_control`, wherever it stands."""
    context = {"speed": str(body.get("speed") or "standard")}
    if body.get("service_tier") == "standard_only":
        context["service_tier"] = "standard"
    if b'"cache_control"' not in content:
        context["cache_write"] = "none"
    elif b'"1h"' not in content:
        context["cache_write"] = "5m"
    return context
