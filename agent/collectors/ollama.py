"""Ollama: which models are loaded, how large they are, and for how long they stay.

It has no page of metrics; `GET /api/ps` is what `ollama ps` shows.
"""

import json
import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from agent.net.dialing import Dialer
from agent.net.fetching import Fetcher, Wanted
from models.addresses import target_of
from models.errors import SourceError, SourceRefused
from models.messages import say
from models.monitoring import Reading
from models.redaction import redact
from models.settings.ollama import Ollama

BYTES_MAX = 1_000_000
MODELS_MAX = 30
NAME_LENGTH_MAX = 120


class OllamaCollector:
    def __init__(self, settings: Ollama, wall: Callable[[], float] = time.time) -> None:
        self.name = f"ollama:{settings.name}"
        self._settings = settings
        self._wall = wall
        self._fetcher = Fetcher(self.name, Dialer())
        self._version = ""
        self._details: Mapping[str, object] = {}

    def collect(self, monotonic_seconds: float) -> list[Reading]:  # noqa: ARG002  # no rates
        """Raises SourceUnreachable and SourceRefused."""
        try:
            # A version changes only with a restart, and that is mostly a failed reading.
            version = self._version or str(self._asked("/api/version").get("version", ""))[:40]
            found = self._asked("/api/ps").get("models")
        except SourceError:
            self._version = ""
            raise
        self._version = version
        listed = [one for one in found or [] if isinstance(one, dict)][:MODELS_MAX]
        models = [_model(one) for one in listed]
        self._details = {
            "url": redact(self._settings.url),
            "version": version,
            "models": models,
        }
        return self._readings(models)

    def details(self) -> Mapping[str, object]:
        """Shape: {"url", "version", "models": [see `_model`]}; empty before the first answer."""
        return self._details

    def _asked(self, path: str) -> dict[str, Any]:
        target = target_of(self._settings.url.rstrip("/") + path)
        wanted = Wanted(target, {"Accept": "application/json"}, BYTES_MAX)
        body = self._fetcher.fetch(wanted, self._settings.timeout_seconds / 2)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise SourceRefused(
                self.name,
                say("{path} answers something that is not Ollama's; check the url", path=path),
            )
        return answer

    def _readings(self, models: list[dict[str, Any]]) -> list[Reading]:
        source, now = ("source", self._settings.name), self._wall()
        readings = [Reading("ollama.models", len(models), (source,))]
        for model in models:
            labels = (("model", model["name"]), source)
            until_at = model["expires_at"]
            remaining = None if until_at is None else max(0.0, until_at - now)
            readings += [
                Reading("ollama.model.size", model["size_bytes"], labels),
                Reading("ollama.model.size_vram", model["vram_bytes"], labels),
                Reading("ollama.model.remaining", remaining, labels),
            ]
        return readings


def _model(told: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes None where they are not told; `expires_at` is UTC epoch seconds, None for never."""
    details = told.get("details")
    about = details if isinstance(details, dict) else {}
    return {
        "name": str(told.get("name") or told.get("model") or "")[:NAME_LENGTH_MAX],
        "size_bytes": _number(told.get("size")),
        "vram_bytes": _number(told.get("size_vram")),
        "expires_at": _moment(told.get("expires_at")),
        "parameters": str(about.get("parameter_size", ""))[:20],
        "quantization": str(about.get("quantization_level", ""))[:20],
    }


def _number(told: Any) -> float | None:
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    return float(told) if is_number and math.isfinite(told) else None


def _moment(told: object) -> float | None:
    """A model that is kept for ever ends centuries from now."""
    try:
        moment = datetime.fromisoformat(str(told)[:19] + _zone(str(told)))
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None and moment.year < 2200 else None


def _zone(told: str) -> str:
    """The zone behind a fraction of up to nine digits, which Python does not read.

    >>> _zone("2026-11-25T16:05:00.123456789+09:00"), _zone("2026-11-25T16:05:00Z")
    ('+09:00', '+00:00')
    """
    rest = told[19:].lstrip(".0123456789")
    return "+00:00" if rest == "Z" else rest
