"""The providers that calls go to: addresses and keys, known at a start, and no others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from data.credentials import Secret, secret
from models.errors import ConfigError
from models.messages import say
from models.settings.gateway import Upstream as UpstreamSettings

PORTS = {"https": 443, "http": 80}
BUILT_IN = {
    "openai": ("https://api.openai.com", "OPENAI_API_KEY"),
    "anthropic": ("https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    "google": ("https://generativelanguage.googleapis.com", "GEMINI_API_KEY"),
    "openrouter": ("https://openrouter.ai/api", "OPENROUTER_API_KEY"),
    "deepseek": ("https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    "groq": ("https://api.groq.com/openai", "GROQ_API_KEY"),
    "mistral": ("https://api.mistral.ai", "MISTRAL_API_KEY"),
    "x-ai": ("https://api.x.ai", "XAI_API_KEY"),
}
"""Below each, the paths begin with the version, as in /v1/chat/completions."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """`provider` is whose prices hold. `key` None: it takes none, or none is set (`key_name`)."""

    name: str
    provider: str
    scheme: str
    host: str
    port: int
    prefix: bytes
    key_name: str
    key: Secret | None = field(repr=False)

    @property
    def ready(self) -> bool:
        return self.key is not None or not self.key_name

    def key_headers(self) -> list[tuple[bytes, bytes]]:
        if self.key is None:
            return []
        if self.provider == "anthropic":
            return [(b"x-api-key", self.key.encode())]
        if self.provider == "google":
            return [(b"x-goog-api-key", self.key.encode())]
        return [(b"authorization", b"Bearer " + self.key.encode())]

    def host_header(self) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == PORTS[self.scheme] else f"{host}:{self.port}").encode()


def upstreams_of(
    named: Iterable[UpstreamSettings], environ: Mapping[str, str]
) -> dict[str, Upstream]:
    """Those that come with it, and those of the settings, which come before.

    Raises ConfigError for a key that is named in the settings and cannot be read, and for one that
    no header can carry.
    """
    known = {}
    for name, (url, key_name) in BUILT_IN.items():
        known[name] = _made(name, name, url, key_name, _found(key_name, environ))
    for each in named:
        key = secret(each.key, environ) if each.key else None
        known[each.name] = _made(each.name, each.provider, each.url, each.key, key)
    return known


def _found(key_name: str, environ: Mapping[str, str]) -> Secret | None:
    """None where nobody set it; a provider that is not used needs no key."""
    names = (key_name, key_name.lower(), f"{key_name}_FILE")
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder and not any(environ.get(name) for name in names):
        return None
    try:
        return secret(key_name, environ)
    except ConfigError:
        if any(environ.get(name) for name in names):
            raise
        return None


def _made(name: str, provider: str, url: str, key_name: str, key: Secret | None) -> Upstream:
    if key is not None and not key.isascii():
        raise ConfigError(
            say("{name} holds characters that no key has; put the key alone in it", name=key_name)
        )
    parts = urlsplit(url)
    port = parts.port or PORTS[parts.scheme]
    prefix = parts.path.rstrip("/").encode()
    return Upstream(name, provider, parts.scheme, parts.hostname or "", port, prefix, key_name, key)
