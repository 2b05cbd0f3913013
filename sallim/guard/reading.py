"""What a request asks for: whose model, which endpoint, whether it costs anything.

By host, path and body alone; the paths are those of the packages openai 3.54.0, anthropic 2.12.0
and google-genai 3.4.0, and of OpenRouter's, Groq's, DeepSeek's and Mistral's APIs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sallim.guard.multipart import form_of
from sallim.guard.refusing import UNPRICED_PATH, UNREADABLE, Refusal

OPENAI_POST = {
    "chat/completions": "openai.chat",
    "completions": "openai.chat",
    "responses": "openai.responses",
    "embeddings": "openai.embeddings",
    "audio/transcriptions": "openai.audio",
    "audio/translations": "openai.audio",
}
OPENAI_FREE = ("files", "uploads", "moderations", "conversations", "responses/input_tokens")
"""What is sent there costs nothing, with all that stands below it."""
FREE_ELSEWHERE = ("files",)
"""Of those that speak like OpenAI: Mistral takes money for conversations and moderations."""
GEMINI_PAID = {
    "generateContent": False,
    "streamGenerateContent": True,
    "embedContent": False,
    "batchEmbedContents": False,
}
"""Methods of a model, and whether they stream."""
GEMINI_FREE = ("countTokens", "computeTokens")
LOCAL_POST = {"/api/chat": "openai.chat", "/api/generate": "openai.chat", "/api/embed": ""}
PREFIXES = ("v1", "v1beta", "v1alpha", "api", "openai", "beta", "upload")
WIDE, WIDE_TOKENS = "context-1m", 1_000_000
SAFE = ("GET", "HEAD", "OPTIONS", "DELETE")
"""Reading and deleting costs nothing at any of the providers."""


class Request(NamedTuple):
    """The head of one HTTP request; `path` without the query, names of headers in small letters."""

    method: str
    scheme: str
    host: str
    port: int | None
    path: str
    headers: Mapping[str, str]


class Endpoint(NamedTuple):
    """Where a request goes. `flavour` "" is free: it is neither bounded nor written down."""

    provider: str
    flavour: str
    path: str
    model: str = ""
    """Out of the path, as Gemini's addresses have it."""
    streams: bool = False


class Call(NamedTuple):
    """A request that costs something, read; `content` is its body as it is sent."""

    provider: str
    flavour: str
    endpoint: str
    model: str
    stream: bool
    body: Mapping[str, Any]
    content: bytes
    attempt: int
    files: tuple[bytes, ...] = ()
    wide: bool = False
    """Whether it may be longer than the model usually takes: Anthropic's million tokens."""

    @property
    def size(self) -> int:
        """Bytes, which bound the tokens of its text."""
        return len(self.content)


def endpoint_of(provider: str, request: Request) -> Endpoint | Refusal:
    """By method and path; the body is not looked at."""
    path = request.path
    if request.headers.get("upgrade", "").lower() == "websocket" or "/realtime" in path:
        return _unpriced(provider, request, "costs of a socket are not known before they are made")
    if request.method.upper() in SAFE:
        return Endpoint(provider, "", path)
    if provider == "anthropic":
        return _anthropic(provider, request)
    if provider == "google" and "/openai/" not in path:
        return _gemini(provider, request)
    return _openai(provider, request)


def _openai(provider: str, request: Request) -> Endpoint | Refusal:
    path = request.path.rstrip("/")
    for end, flavour in OPENAI_POST.items():
        if path.endswith(f"/{end}"):
            routed = provider == "openrouter" and flavour == "openai.chat"
            return Endpoint(provider, "openrouter" if routed else flavour, path)
    if provider == "local":
        # Whatever stands on this machine costs nothing; what has a model is written down.
        return Endpoint(provider, LOCAL_POST.get(path, ""), path)
    below = _below(path)
    places = OPENAI_FREE if provider == "openai" else FREE_ELSEWHERE
    free = any(below == each or below.startswith(f"{each}/") for each in places)
    if free or (below.startswith("responses/") and below.endswith("/cancel")):
        return Endpoint(provider, "", path)
    return _unpriced(provider, request, "what is sent there has no price that is known")


def _anthropic(provider: str, request: Request) -> Endpoint | Refusal:
    path = request.path.rstrip("/")
    if path.endswith("/messages"):
        return Endpoint(provider, "anthropic", path)
    if path.endswith(("/messages/count_tokens", "/files")):
        return Endpoint(provider, "", path)
    return _unpriced(provider, request, "what is sent there has no price that is known")


def _gemini(provider: str, request: Request) -> Endpoint | Refusal:
    path = request.path
    name, colon, method = path.rpartition(":")
    if colon and method in GEMINI_FREE:
        return Endpoint(provider, "", path)
    if colon and method in GEMINI_PAID and "models/" in name:
        model = name.rpartition("models/")[2]
        return Endpoint(provider, "gemini", path, model, GEMINI_PAID[method])
    if _below(path).startswith("files"):
        return Endpoint(provider, "", path)
    return _unpriced(provider, request, "what is sent there has no price that is known")


def _below(path: str) -> str:
    """What follows the versions and prefixes at the beginning of a path."""
    parts = path.strip("/").split("/")
    while parts and parts[0] in PREFIXES:
        parts.pop(0)
    return "/".join(parts)


def _unpriced(provider: str, request: Request, why: str) -> Refusal:
    return Refusal(
        UNPRICED_PATH,
        f"{request.method} {request.path} of {provider} is not let through: {why}.",
        "Send it with a client that has no guard, and enter its cost with "
        "`@sallim.metered(provider=..., service=..., cost=...)`.",
        f"provider:{provider}",
    )


def call_of(endpoint: Endpoint, request: Request, content: bytes) -> Call | Refusal:
    """With the body read."""
    kind = request.headers.get("content-type", "")
    if request.headers.get("content-encoding", "identity") not in ("", "identity"):
        return _unreadable("it is compressed")
    files: tuple[bytes, ...] = ()
    body: Any
    if kind.startswith("multipart/form-data"):
        form = form_of(kind, content)
        if form is None:
            return _unreadable("its form is cut or malformed")
        body, files = form.fields, form.files
    else:
        try:
            # Of bytes json would guess the code, and in UTF-16 a token may be less than a byte.
            body = json.loads(content.decode())
        except (ValueError, RecursionError):
            return _unreadable("it is no JSON")
        if not isinstance(body, dict):
            return _unreadable("it is no JSON object")
    model = endpoint.model or body.get("model")
    if not isinstance(model, str) or not model or not model.isprintable():
        return _unreadable("it names no model")
    stream = endpoint.streams or body.get("stream") in (True, "true")
    return Call(
        *(endpoint.provider, endpoint.flavour, endpoint.path, model[:200], stream),
        *(body, content, attempt_of(request.headers), files),
        WIDE in request.headers.get("anthropic-beta", ""),
    )


def attempt_of(headers: Mapping[str, str]) -> int:
    """1 for the first; the SDKs of OpenAI and Anthropic count their retries in a header."""
    count = headers.get("x-stainless-retry-count", "0")
    return int(count) + 1 if count.isdecimal() and len(count) < 4 else 1


def _unreadable(why: str) -> Refusal:
    return Refusal(
        UNREADABLE,
        f"what the call may cost cannot be read out of its body: {why}.",
        "Send plain JSON, or the form that the provider's own SDK sends.",
    )
