"""Usage of Anthropic's messages: what is cached stands beside `input_tokens`, not inside.

Shapes of the package anthropic 2.14.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallim.usage.counting import Usage, count, inner, needed, pairs, part, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def messages(body: Mapping[str, Any]) -> Usage:
    shape = inner(body, "usage")
    split = inner(shape, "cache_creation")
    longer = count(split, "ephemeral_1h_input_tokens")
    shorter = count(split, "ephemeral_5m_input_tokens")
    written = count(shape, "cache_creation_input_tokens") or shorter + longer
    output = needed(shape, "output_tokens")
    details = inner(shape, "output_tokens_details")
    reasoning = part(count(details, "thinking_tokens"), output)
    tools = inner(shape, "server_tool_use")
    return Usage(
        input=needed(shape, "input_tokens"),
        cache_read=count(shape, "cache_read_input_tokens"),
        cache_write_5m=written - part(longer, written),
        cache_write_1h=longer,
        output=output - reasoning,
        reasoning=reasoning,
        tool_calls=pairs(
            web_search=count(tools, "web_search_requests"),
            web_fetch=count(tools, "web_fetch_requests"),
        ),
        model=text(body.get("model")),
        service_tier=_tier(shape),
    )


def _tier(shape: Mapping[str, Any]) -> str:
    """Fast mode is a speed here and not a tier, but it is priced like one."""
    return "fast" if shape.get("speed") == "fast" else text(shape.get("service_tier"))
