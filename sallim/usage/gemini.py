"""Usage of Gemini's `usageMetadata`: cached tokens are inside the prompt, thoughts are outside the
candidates. Shapes of the package google-genai 3.6.1.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallim.usage.counting import Malformed, Usage, count, inner, items, pairs, part, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MEDIA = ("IMAGE", "DOCUMENT", "VIDEO")


def generate(body: Mapping[str, Any]) -> Usage:
    shape = inner(body, "usageMetadata")
    if not shape:
        raise Malformed("usageMetadata")
    # A prompt that was blocked has no candidates.
    prompt = count(shape, "promptTokenCount") + count(shape, "toolUsePromptTokenCount")
    cached = part(count(shape, "cachedContentTokenCount"), prompt)
    output = count(shape, "candidatesTokenCount")
    sent = _kinds(shape, "promptTokensDetails", "toolUsePromptTokensDetails")
    kept = _kinds(shape, "cacheTokensDetails")
    made = _kinds(shape, "candidatesTokensDetails")
    fresh = prompt - cached
    audio = min(max(0, _of(sent, "AUDIO") - _of(kept, "AUDIO")), fresh)
    media = min(max(0, _of(sent, *MEDIA) - _of(kept, *MEDIA)), fresh - audio)
    model = text(body.get("modelVersion"))
    return Usage(
        input=fresh - audio - media,
        cache_read=cached,
        output=output,
        reasoning=count(shape, "thoughtsTokenCount"),
        audio_input=audio,
        media_input=media,
        tool_calls=pairs(
            web_search=_searches(body, model),
            video_input=min(max(0, _of(sent, "VIDEO") - _of(kept, "VIDEO")), media),
            cache_read_audio=min(_of(kept, "AUDIO"), cached),
            cache_read_image=min(_of(kept, "IMAGE", "DOCUMENT"), cached - _least(kept, cached)),
            audio_output=min(_of(made, "AUDIO"), output),
            image_output=min(_of(made, "IMAGE", "DOCUMENT"), output - _least(made, output)),
            video_output=min(_of(made, "VIDEO"), output - _least(made, output, "AUDIO", "IMAGE")),
        ),
        model=model,
        service_tier=_tier(shape),
    )


def _kinds(shape: Mapping[str, Any], *names: str) -> dict[str, int]:
    """Tokens by modality; what is told twice in one list counts once, as the provider means it."""
    total: dict[str, int] = {}
    for name in names:
        told: dict[str, int] = {}
        for item in items(shape.get(name)):
            told.setdefault(text(item.get("modality")), count(item, "tokenCount"))
        for kind, number in told.items():
            total[kind] = total.get(kind, 0) + number
    return total


def _of(kinds: Mapping[str, int], *names: str) -> int:
    return sum(kinds.get(name, 0) for name in names)


def _least(kinds: Mapping[str, int], whole: int, *names: str) -> int:
    """What the kinds before take of a whole, so that parts never add up to more than it."""
    return min(_of(kinds, *(names or ("AUDIO",))), whole)


def _searches(body: Mapping[str, Any], model: str) -> int:
    """Up to Gemini 2.5 a grounded prompt is paid for, from Gemini 3 on each query is.

    ai.google.dev/gemini-api/docs/pricing, November 2026.
    """
    queries = 0
    for candidate in items(body.get("candidates")):
        told = inner(candidate, "groundingMetadata").get("webSearchQueries")
        queries += len(told) if isinstance(told, list) else 0
    return min(queries, 1) if model.startswith(("gemini-1", "gemini-2")) else queries


def _tier(shape: Mapping[str, Any]) -> str:
    traffic = text(shape.get("trafficType"))
    for tier in ("priority", "flex"):
        if traffic == f"ON_DEMAND_{tier.upper()}":
            return tier
    return text(shape.get("serviceTier")).lower()
