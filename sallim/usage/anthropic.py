"""Usage of Anthropic's messages: what is cached stands beside `input_tokens`, not inside.

Shapes of the package anthropic 2.14.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallim.usage.counting import (
    Malformed,
    Usage,
    count,
    inner,
    items,
    needed,
    pairs,
    part,
    text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def messages(body: Mapping[str, Any]) -> Usage:
    shape = inner(body, "usage")
    usage = _tokens(shape)
    for turn in items(shape.get("iterations")):
        if turn.get("type") == "advisor_message":
            raise Malformed("another model was asked too, at its own price")
        if turn.get("type") == "compaction":
            # Not in the totals, and paid for (BetaUsage.iterations).
            usage = _added(usage, _tokens(turn))
    tools = inner(shape, "server_tool_use")
    return usage._replace(
        tool_calls=pairs(
            web_search=count(tools, "web_search_requests"),
            web_fetch=count(tools, "web_fetch_requests"),
        ),
        model=text(body.get("model")),
        service_tier=_tier(shape),
    )


def _tokens(shape: Mapping[str, Any]) -> Usage:
    split = inner(shape, "cache_creation")
    longer = count(split, "ephemeral_1h_input_tokens")
    shorter = count(split, "ephemeral_5m_input_tokens")
    written = count(shape, "cache_creation_input_tokens") or shorter + longer
    output = needed(shape, "output_tokens")
    details = inner(shape, "output_tokens_details")
    reasoning = part(count(details, "thinking_tokens"), output)
    return Usage(
        input=needed(shape, "input_tokens"),
        cache_read=count(shape, "cache_read_input_tokens"),
        cache_write_5m=written - part(longer, written),
        cache_write_1h=longer,
        output=output - reasoning,
        reasoning=reasoning,
    )


def _added(first: Usage, second: Usage) -> Usage:
    kinds = first.tokens._fields
    return first._replace(**{kind: getattr(first, kind) + getattr(second, kind) for kind in kinds})


def _tier(shape: Mapping[str, Any]) -> str:
    """Fast mode is a speed here and not a tier, but it is priced like one."""
    return "fast" if shape.get("speed") == "fast" else text(shape.get("service_tier"))
