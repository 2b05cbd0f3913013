"""The most that a call can use, out of its body; or why that cannot be said.

Text is at most as many tokens as bytes (byte-level pairs, and pieces with bytes to fall back on).
What the body does not bound is bounded by its known duration, the owner's figure, else the model's
maximum. A limit that is missing is the model's maximum: nothing is ever put into a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sallim.guard.bounding import anthropic, gemini, openai
from sallim.guard.bounding.found import Found, Owner
from sallim.guard.bounding.media import seconds_of
from sallim.guard.durations import key_of
from sallim.guard.reading import WIDE_TOKENS, Call
from sallim.guard.refusing import UNBOUNDED, UNKNOWN_MODEL, Refusal
from sallim.prices import Bounds, Rates, limits_of, lines_to_paste
from sallim.prices.finding import OWNER

__all__ = ["Bounded", "Owner", "bounds_of", "limits"]

FRAMING = 256
"""Tokens by which a provider frames messages, beside the JSON that frames them here."""
IMAGE_TOKENS = {
    "openai": 12_000,
    "anthropic": 5_000,
    "google": 10_320,
    "": 12_000,
}
"""At most of one picture: 10,000 patches (OpenAI, `original`), 4,784 (Anthropic, high resolution),
40 tiles of 258 (Gemini 2: 33 megapixels). Pages of the three on images, November 2026."""
TILES_OF_MINI = 48_200
"""gpt-4o-mini counts 2,833 and 5,667 for each of up to 8 tiles."""
TRANSCRIPT_TOKENS_SECOND = 25
LOOPING = ("anthropic", "openai.responses")
"""Where a tool that the provider carries out is followed by another pass over all of the prompt:
their usage is the sum of them (three times a context was measured by others in 2026)."""
ELSEWHERE = ("-cloud", ":cloud")
"""How names of models end that Ollama only passes on (docs.ollama.com/cloud)."""
DEARER = {("speed", "fast"), ("service_tier", "priority"), ("service_tier", "fast")}
"""Ways of asking for more than the standard price."""


class Bounded(NamedTuple):
    """`context` is what rules out prices; `unbounded` names what the model's maximum stands for."""

    bounds: Bounds
    context: Mapping[str, str]
    unbounded: str = ""


def bounds_of(
    call: Call, rates: Rates, owner: Owner, most: tuple[int | None, int | None]
) -> Bounded | Refusal:
    """Never too little for a body that the provider takes.

    `most`: tokens in and out that the model takes at most, as `limits` says them.
    """
    if call.provider == "local" and rates.source != OWNER:
        return _local(call)
    if call.flavour == "openai.audio":
        return _transcription(call, rates, owner, most)
    if call.flavour == "openai.embeddings":
        return Bounded(Bounds(call.size, 0), openai.context_of(call.body))
    found = Found(owner, _image_tokens(call))
    _walk(call, found)
    _refuse_unpriced(call, found, rates)
    return _bounded(call, found, most) if found.refused is None else found.refused


def _local(call: Call) -> Bounded | Refusal:
    if call.model.lower().endswith(ELSEWHERE):
        return Refusal(
            UNKNOWN_MODEL,
            f"{call.model} runs in the cloud of Ollama, and what it costs there is not known.",
            'Enter it as a [[price]] of sallim.toml with provider = "local" and the model\'s name.',
            "provider:local",
        )
    return Bounded(Bounds(call.size, 0), {})


def _refuse_unpriced(call: Call, found: Found, rates: Rates) -> None:
    way = _unpriced_way(rates, found.context)
    if way:
        found.refuse(
            f"{way} has no price for {call.model} of {call.provider}, and costs more.",
            "Leave it out, or enter what the model costs so as a [[price]] of sallim.toml.",
        )
    for name in found.tools:
        if not rates.prices(name):
            found.refuse(
                f"{name} has no price for {call.model} of {call.provider}.",
                "Enter it as web_search_usd in a [[price]] of sallim.toml, or leave the tool out."
                if name == "web_search"
                else "Leave the tool out.",
            )


def _unpriced_way(rates: Rates, context: Mapping[str, str]) -> str:
    """What the owner says of a model holds however it is asked."""
    asked = DEARER & context.items()
    if not asked or rates.source == OWNER:
        return ""
    sheets = [sheet for book in (rates.book, *rates.also) for sheet in book.variants]
    if any(asked & sheet.when.items() for sheet in sheets):
        return ""
    return " and ".join(f"{key} = {value!r}" for key, value in sorted(asked))


def _walk(call: Call, found: Found) -> None:
    body = call.body
    if call.flavour == "anthropic":
        anthropic.walk(body, found)
        found.context.update(anthropic.context_of(body, call.content))
    elif call.flavour == "gemini":
        gemini.walk(body, found, call.model)
        found.context.update(gemini.context_of(body))
    else:
        walk = openai.walk_responses if call.flavour == "openai.responses" else openai.walk_chat
        walk(body, found, call.model)
        if call.provider == "google" and gemini.thinks(call.model):
            # As at its own address: that a limit of the answer bounds them is not certain.
            found.output = None
        found.context.update(openai.context_of(body))


def _image_tokens(call: Call) -> int:
    if "gpt-4o-mini" in call.model:
        return TILES_OF_MINI
    return IMAGE_TOKENS.get(call.provider, IMAGE_TOKENS[""])


def _bounded(call: Call, found: Found, most: tuple[int | None, int | None]) -> Bounded | Refusal:
    most_in, most_out = _widened(call, most[0]), most[1]
    text = max(0, call.size - found.inline) + FRAMING + found.extra_input
    audio, media = found.audio, found.media
    counted = _counted(call, found)
    if counted is not None:
        # All of it at the rate of sound, which is the dearest: how much is what was not told.
        audio, media = counted, 0
        found.unbounded.clear()
    reasons = ", ".join(found.unbounded.values())
    if found.unbounded:
        if most_in is None:
            return _no_limit(call, reasons)
        text += most_in if "text" in found.unbounded else 0
        media += most_in if "media" in found.unbounded else 0
        audio += most_in if found.unbounded.keys() & {"audio", "stored"} else 0
    passes = 1 + found.again if call.flavour in LOOPING else 1
    text, audio, media = (each * passes for each in _cut(text, audio, media, most_in))
    output = found.output
    if call.flavour == "gemini" and "embed" in call.endpoint.rpartition(":")[2].lower():
        output = 0
    if output is None:
        if most_out is None:
            return _no_limit(call, "an answer without a limit of tokens")
        output = most_out
    bounds = Bounds(text, output + found.extra, audio, media, tuple(found.tools.items()))
    return Bounded(bounds, found.context, reasons)


def _cut(text: int, audio: int, media: int, most_in: int | None) -> tuple[int, int, int]:
    """A longer prompt is no call; which part of it is cut does not matter to the dearest mix."""
    if most_in is None:
        return text, audio, media
    audio = min(audio, most_in)
    media = min(media, most_in - audio)
    return min(text, most_in - audio - media), audio, media


def _widened(call: Call, most_in: int | None) -> int | None:
    return max(most_in, WIDE_TOKENS) if call.wide and most_in is not None else most_in


def _counted(call: Call, found: Found) -> int | None:
    """Tokens of the contents, where the provider has counted them and they alone are unbounded."""
    kinds = found.unbounded.keys()
    if call.flavour != "gemini" or not kinds or kinds & {"text", "stored"}:
        return None
    if gemini.sees_more(call.body):
        return None
    known = found.owner.tokens_by_contents
    return known.get(key_of(call.model, call.body.get("contents"))) if known else None


def _transcription(
    call: Call, rates: Rates, owner: Owner, most: tuple[int | None, int | None]
) -> Bounded | Refusal:
    most_in, most_out = most
    known = [seconds_of(file) for file in call.files] or [None]
    lengths = [owner.max_media_seconds if each is None else each for each in known]
    seconds = None if None in lengths else sum(each or 0 for each in lengths)
    context = openai.context_of(call.body)
    if rates.prices("audio_seconds"):
        if seconds is None:
            return _no_length(call)
        return Bounded(Bounds(0, 0, tool_calls=(("audio_seconds", seconds),)), context)
    if most_out is None:
        return _no_limit(call, "a transcript without a limit of tokens")
    prompt = call.size - sum(map(len, call.files)) + FRAMING
    if seconds is None and most_in is None:
        return _no_length(call)
    heard = most_in if seconds is None else seconds * TRANSCRIPT_TOKENS_SECOND
    heard = min(heard or 0, most_in) if most_in is not None else heard or 0
    reason = "a recording of unknown length" if seconds is None else ""
    return Bounded(Bounds(prompt, most_out, audio_input=heard), context, reason)


def limits(provider: str, model: str, rates: Rates) -> tuple[int | None, int | None]:
    """Most tokens in and out: the owner's, else those of the table."""
    table = None if None not in rates.limits else limits_of(provider, model)
    known = (table.max_input_tokens, table.max_output_tokens) if table else (None, None)
    most_in, most_out = (
        own if own is not None else shipped
        for own, shipped in zip(rates.limits, known)  # noqa: B905 Python 3.9
    )
    return most_in, most_out


def _no_length(call: Call) -> Refusal:
    return Refusal(
        UNBOUNDED,
        f"how long the recording for {call.model} is cannot be read out of it.",
        "Make the client with guard(max_media_seconds=...), or send WAV, FLAC, M4A or Ogg.",
    )


def _no_limit(call: Call, what: str) -> Refusal:
    lines = "\n".join(lines_to_paste(call.provider, call.model))
    return Refusal(
        UNBOUNDED,
        f"{what} is bounded by nothing, and how many tokens {call.model} of {call.provider} takes "
        "at most is not known.",
        "Give the call a limit of tokens or guard(max_media_seconds=...), or put into sallim.toml, "
        f"with input_tokens_max and output_tokens_max filled in:\n{lines}",
    )
