"""One exporter: its page is asked for, the wanted lines are picked, and become series."""

import os
import time
from collections.abc import Mapping

from agent.net.dialing import Dialer
from agent.net.fetching import Fetcher, Wanted
from data.credentials import secret
from models.addresses import target_of
from models.errors import ConfigError, SourceRefused
from models.exporters.lines import Text
from models.exporters.presets import PRESETS, recognised
from models.exporters.target import Exporter
from models.messages import Message
from models.monitoring import Reading
from models.redaction import redact
from models.settings.scrape import Scrape

ACCEPT = "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5"


class ScrapeCollector:
    """An exporter that is known by its answer needs neither preset nor prefixes."""

    def __init__(self, settings: Scrape, environ: Mapping[str, str] = os.environ) -> None:
        self.name = f"scrape:{settings.name}"
        self._settings = settings
        self._environ = environ
        self._target = target_of(settings.url)
        self._fetcher = Fetcher(self.name, Dialer(ca_file=settings.ca_file))
        self._exporter: Exporter | None = None
        self._source = ("source", settings.name)
        self._details: Mapping[str, object] = {}
        self.left_out: Mapping[str, Message] = {}
        """What of the last answer is missing, and why."""

    def collect(self, monotonic_seconds: float) -> list[Reading]:
        """Raises SourceUnreachable and SourceRefused."""
        started = time.monotonic()
        body = self._fetcher.fetch(self._wanted(), self._settings.timeout_seconds)
        duration = time.monotonic() - started
        exporter = self._exporter = self._exporter or self._of(body)
        text = exporter.read(body)
        if not text.samples and not text.malformed:
            self._exporter = None
            raise SourceRefused(self.name, exporter.nothing_kept(body))
        self.left_out = exporter.left_out(text)
        self._details = self._snapshot(exporter, text, len(body), duration)
        return [
            *exporter.readings(text, monotonic_seconds),
            *self._about(text, len(body), duration),
        ]

    def details(self) -> Mapping[str, object]:
        """Shape: see `_snapshot`; empty before the first answer."""
        return self._details

    def _of(self, body: bytes) -> Exporter:
        settings = self._settings
        preset = PRESETS.get(settings.preset)
        if preset is None and not settings.prefixes:
            preset = recognised(body)
        return Exporter(settings.name, preset, settings.prefixes, settings.samples_max)

    def _wanted(self) -> Wanted:
        headers = {"Accept": ACCEPT}
        if self._settings.token:
            try:
                token = secret(self._settings.token, self._environ)
            except ConfigError as error:
                raise SourceRefused(self.name, error.problems[0]) from error
            headers["Authorization"] = f"Bearer {token}"
        return Wanted(self._target, headers, token_key="token")  # noqa: S106  # the key's name

    def _about(self, text: Text, size_bytes: int, duration_seconds: float) -> list[Reading]:
        source = self._source
        counts = {
            "kept": len(text.samples),
            "dropped": text.dropped,
            "malformed": text.malformed,
        }
        return [
            *(
                Reading("scrape.samples", count, (source, ("state", state)))
                for state, count in counts.items()
            ),
            Reading("scrape.size", size_bytes, (source,)),
            Reading("scrape.duration", duration_seconds, (source,)),
        ]

    def _snapshot(
        self, exporter: Exporter, text: Text, size_bytes: int, duration_seconds: float
    ) -> Mapping[str, object]:
        return {
            "url": redact(self._settings.url),
            "exporter": exporter.preset.name if exporter.preset is not None else "",
            "version": exporter.version,
            "samples": len(text.samples),
            "dropped": text.dropped,
            "malformed": text.malformed,
            "example": redact(text.example),
            "size_bytes": size_bytes,
            "duration_seconds": round(duration_seconds, 6),
        }
