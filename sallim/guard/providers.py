"""Whose address it is: providers by host, and the owner's own base URLs."""

from __future__ import annotations

import os
from collections.abc import Mapping

HOSTS = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "google",
    "aiplatform.googleapis.com": "google",
    "openrouter.ai": "openrouter",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral",
    "api.x.ai": "x-ai",
}
LOCAL = "local"
NEAR = ("127.0.0.1", "localhost", "::1", "ollama", "host.docker.internal")
"""This machine, as programs and containers on it call it, and Ollama's container."""
LOCAL_PORTS = {11_434: "Ollama", 1_234: "LM Studio"}
"""Where servers of models listen that run here, and so cost nothing. What listens elsewhere may be
a proxy or a tunnel to a provider that is paid (LiteLLM 4000, vLLM 8000, llama.cpp 8080)."""
ENDINGS = {"-aiplatform.googleapis.com": "google"}
"""Regional addresses. Not OpenAI's: there a surcharge is paid that no list of prices has."""
KNOWN = tuple(sorted({*HOSTS.values(), LOCAL}))
BASE_URLS = "SALLIM_BASE_URLS"
"""Environment: pairs like `http://10.0.0.5:11434=local http://proxy:8080/v1=openai`."""


class Providers:
    """`base_urls` are the owner's: the beginning of an address, and whose prices hold there.

    Raises ValueError for what is no address. They are asked before the table.
    """

    def __init__(self, base_urls: Mapping[str, str] | None = None) -> None:
        pairs = dict(_from_environment())
        pairs.update(base_urls or {})
        own = [(_parsed(url), provider) for url, provider in pairs.items()]
        # The longest path first: it says more.
        self._own = sorted(own, key=lambda each: -len(each[0][3]))

    def of(self, scheme: str, host: str, port: int | None, path: str) -> tuple[str, str]:
        """The provider, "" for an address that is nobody's; and the path below its base URL."""
        host = host.lower().strip("[]")
        port = port or (443 if scheme == "https" else 80)
        for (own_scheme, own_host, own_port, own_path), provider in self._own:
            if (scheme, host, port) == (own_scheme, own_host, own_port) and (
                path == own_path or path.startswith(own_path.rstrip("/") + "/")
            ):
                return provider, path[len(own_path.rstrip("/")) :] or "/"
        if host in HOSTS:
            return HOSTS[host], path
        if host in NEAR and port in LOCAL_PORTS:
            return LOCAL, path
        return next((who for end, who in ENDINGS.items() if host.endswith(end)), ""), path


def _parsed(url: str) -> tuple[str, str, int, str]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"base_urls: {url!r} must begin with http:// or https:// and name a host")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, parts.hostname.lower(), port, parts.path.rstrip("/")


def _from_environment() -> list[tuple[str, str]]:
    pairs = []
    for pair in os.environ.get(BASE_URLS, "").split():
        url, _, provider = pair.rpartition("=")
        pairs.append((url, provider))
    return pairs
