"""Usage of what speaks as OpenAI does: chat, responses, embeddings, audio.transcriptions.

Cached and reasoning tokens are inside the totals here; shapes of the package openai 3.57.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallim.usage.counting import (
    TOKENS_MAX,
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

PAID_ITEMS = {
    "web_search_call": "web_search",
    "file_search_call": "file_search",
    "code_interpreter_call": "code_execution",
}
"""Items of a response's output that cost something beside tokens, by their type."""


def chat(body: Mapping[str, Any]) -> Usage:
    """Also of Groq, Mistral, DeepSeek, Ollama and everything else that speaks this shape."""
    shape = usage_table(body)
    prompt, completion = needed(shape, "prompt_tokens"), needed(shape, "completion_tokens")
    sent = inner(shape, "prompt_tokens_details")
    made = inner(shape, "completion_tokens_details")
    cached = count(sent, "cached_tokens")
    if sent.get("cached_tokens") is None:
        # DeepSeek, Moonshot.
        cached = count(shape, "prompt_cache_hit_tokens", "cached_tokens")
    fields = _input(prompt, cached, sent)
    reasoning = count(made, "reasoning_tokens")
    if reasoning > completion or _reasons_outside(shape, prompt, completion, reasoning):
        # xAI counts them beside the completion, and says so only by the total.
        if not _reasons_outside(shape, prompt, completion, reasoning):
            raise Malformed("reasoning_tokens")
        completion += reasoning
    output = completion - reasoning
    spoken = part(count(made, "audio_tokens"), output)
    # Google tells what it thought by the total alone, and bills it.
    reasoning += max(0, count(shape, "total_tokens") - prompt - completion)
    return fields._replace(
        output=output,
        reasoning=reasoning,
        tool_calls=pairs(audio_output=spoken),
        model=text(body.get("model")),
        service_tier=text(body.get("service_tier")),
    )


def usage_table(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises Malformed where there is none. Groq's streams hide it in `x_groq`."""
    shape = inner(body, "usage") or inner(inner(body, "x_groq"), "usage")
    if not shape:
        raise Malformed("usage")
    return shape


def _reasons_outside(
    shape: Mapping[str, Any], prompt: int, completion: int, reasoning: int
) -> bool:
    return reasoning > 0 and shape.get("total_tokens") == prompt + completion + reasoning


def _input(prompt: int, cached: int, details: Mapping[str, Any]) -> Usage:
    """The fields of what was sent, out of a total and what is told of its parts.

    How much of the cached is sound or image is not told: it counts as text, which is cheapest.
    """
    written = count(details, "cache_write_tokens")
    longer = part(count(inner(details, "cache_write_tokens_details"), "ttl_12h_tokens"), written)
    fresh = prompt - part(cached + written, prompt)
    audio = min(part(count(details, "audio_tokens"), prompt), fresh)
    media = min(part(count(details, "image_tokens"), prompt), fresh - audio)
    return Usage(
        input=fresh - audio - media,
        cache_read=cached,
        cache_write_5m=written - longer,
        cache_write_1h=longer,
        audio_input=audio,
        media_input=media,
    )


def responses(body: Mapping[str, Any]) -> Usage:
    shape = inner(body, "usage")
    prompt, output = needed(shape, "input_tokens"), needed(shape, "output_tokens")
    details = inner(shape, "input_tokens_details")
    fields = _input(prompt, count(details, "cached_tokens"), details)
    made = inner(shape, "output_tokens_details")
    reasoning = part(count(made, "reasoning_tokens"), output)
    counts: dict[str, int] = {}
    for item in items(body.get("output")):
        name = PAID_ITEMS.get(text(item.get("type")))
        if name:
            counts[name] = counts.get(name, 0) + 1
    return fields._replace(
        output=output - reasoning,
        reasoning=reasoning,
        tool_calls=pairs(**counts),
        model=text(body.get("model")),
        service_tier=text(body.get("service_tier")),
    )


def embeddings(body: Mapping[str, Any]) -> Usage:
    shape = inner(body, "usage")
    return Usage(input=needed(shape, "prompt_tokens"), model=text(body.get("model")))


def audio(body: Mapping[str, Any]) -> Usage:
    """Of a transcription: by tokens, or by seconds, which are rounded up to a whole one."""
    shape = inner(body, "usage")
    if shape.get("type") == "duration" or (not shape and "duration" in body):
        spoken = shape.get("seconds") if shape else body.get("duration")
        return Usage(
            tool_calls=pairs(audio_seconds=_seconds(spoken)), model=text(body.get("model"))
        )
    prompt, output = needed(shape, "input_tokens"), needed(shape, "output_tokens")
    heard = part(count(inner(shape, "input_token_details"), "audio_tokens"), prompt)
    return Usage(
        input=prompt - heard, audio_input=heard, output=output, model=text(body.get("model"))
    )


def _seconds(value: object) -> int:
    """`verbose_json` sends them as text in some versions. Raises Malformed."""
    try:
        seconds = float(value) if isinstance(value, (str, int, float)) else -1.0
    except (ValueError, OverflowError):
        seconds = -1.0
    # Also false for what is no number.
    if isinstance(value, bool) or not 0 <= seconds <= TOKENS_MAX:
        raise Malformed("seconds")
    return -int(-seconds // 1)
