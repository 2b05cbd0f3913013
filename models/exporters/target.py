"""One scraped exporter: what is kept of it, and what its answer becomes."""

from collections.abc import Iterable

from models.exporters.families import Families
from models.exporters.lines import Lines, Text
from models.exporters.preset import Preset, Translator
from models.messages import Message, say
from models.monitoring import Reading
from models.redaction import redact

NAMES_SHOWN = 5


class Exporter:
    """Keeps what rates need. `preset` None: only the prefixes of the owner are kept."""

    def __init__(
        self, source: str, preset: Preset | None, prefixes: Iterable[str], samples_max: int
    ) -> None:
        self.preset = preset
        self.version = ""
        known = preset.prefixes if preset is not None else ()
        self._lines = Lines((*known, *prefixes), samples_max)
        self._families = Families(source, preset.renamed if preset is not None else {})
        self._translator: Translator | None = None
        if preset is not None and preset.translator is not None:
            self._translator = preset.translator()
        self.samples_max = samples_max

    def read(self, body: bytes) -> Text:
        text = self._lines.read(body)
        if self.preset is not None:
            metric, label = self.preset.version
            versions = (dict(s.labels).get(label, "") for s in text.samples if s.name == metric)
            self.version = next(versions, self.version)
        return text

    def readings(self, text: Text, monotonic_seconds: float) -> list[Reading]:
        """What the preset translates is in our names; the rest keeps the exporter's."""
        if self.preset is None or self._translator is None:
            return self._families.readings(text, monotonic_seconds)
        ours = self.preset.translated
        others = [s for s in text.samples if s.name not in ours]
        others = [s for s in others if s.name != self.preset.version[0]]
        return [
            *self._translator.readings(
                [s for s in text.samples if s.name in ours], monotonic_seconds
            ),
            *self._families.readings(text._replace(samples=others), monotonic_seconds),
        ]

    def left_out(self, text: Text) -> dict[str, Message]:
        """What of an answer is missing, and why."""
        reasons = {}
        if text.malformed:
            reasons["malformed"] = say(
                "{count} lines are no samples and were left out, for example `{example}`; tell "
                "whoever wrote the exporter",
                count=text.malformed,
                example=redact(text.example),
            )
        if text.dropped:
            reasons["dropped"] = say(
                "{count} samples left out: the limit is {limit}; raise samples_max, or name fewer "
                "prefixes",
                count=text.dropped,
                limit=self.samples_max,
            )
        return reasons

    def nothing_kept(self, body: bytes) -> Message:
        """What to say of an answer in which nothing was wanted."""
        names = names_in(body)
        if not names:
            return say(
                "what it answers is no text of metrics; check the path, most exporters have "
                "/metrics"
            )
        if self.preset is None:
            return say(
                "none of its metrics is kept: set preset, or name beginnings in prefixes; it "
                "has {names} ...",
                names=", ".join(names),
            )
        return say(
            "it shows nothing of {preset}: set another preset, or name beginnings in prefixes; it "
            "has {names} ...",
            preset=self.preset.name,
            names=", ".join(names),
        )


def names_in(body: bytes) -> list[str]:
    r"""The first few names of a text of metrics.

    >>> names_in(b"# TYPE up gauge\nup 1\ngo_info{version=\"1\"} 1\n")
    ['up', 'go_info']
    """
    head = b"\n".join(body[:65_536].split(b"\n")[:1000])
    found = Lines([""], 1000).read(head).samples if head else []
    return list(dict.fromkeys(sample.name for sample in found))[:NAMES_SHOWN]
