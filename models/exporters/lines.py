r"""Lines of Prometheus' text format: the wanted ones are picked first, and only those are read.

Own code and not prometheus_client's parser, which takes 36 µs a sample and gives up the whole
text for one bad line; a test holds the two against each other.
"""

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from models.monitoring import Labels

LABELS_MAX = 16
LABEL_LENGTH_MAX = 120
NAME_LENGTH_MAX = 120
EXAMPLE_LENGTH_MAX = 80
LINE_LENGTH_MAX = 16_384
BLANK = 2.0**63
"""DCGM's "no value", 9223372036854775794, and the largest whole number of many others."""

_SAMPLE = re.compile(
    rb"([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*"
    rb'(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}[ \t]*)?'
    rb"(?:(?<=[} \t])(\S+)(?:[ \t]+-?\d[\d.]*)?(?:[ \t]+#.*)?)?"
)
"""Name, labels, and what may follow: value, timestamp (never kept), exemplar (never kept)."""
_LABEL = re.compile(r'\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)', re.ASCII)
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}
_TYPE = b"# TYPE "


class Sample(NamedTuple):
    """One line. `value` None is a gap: not a number, infinite, or the blank of the exporter."""

    name: str
    labels: Labels
    value: float | None


class Series(NamedTuple):
    name: str
    labels: Labels


class Text(NamedTuple):
    """What was kept of an answer. `kinds` are the declared types by name of the family."""

    samples: list[Sample]
    kinds: dict[str, str]
    malformed: int = 0
    example: str = ""
    dropped: int = 0


class Lines:
    """Reads texts of one exporter; remembers the series, which are the same each time."""

    def __init__(self, prefixes: Iterable[str], samples_max: int) -> None:
        wanted = [re.escape(prefix.encode()) for prefix in sorted(set(prefixes))]
        # Of comments only the types; with the prefix "" everything else, but no empty line.
        names = rb"(?:# TYPE |(?![#\s]|$))(?:" + b"|".join(wanted) + rb")"
        self._wanted = re.compile(names) if wanted else None
        self._samples_max = samples_max
        self._known: dict[bytes, Series] = {}

    def read(self, body: bytes) -> Text:
        """A line that cannot be read costs itself alone; an example of such lines is kept.

        Such lines count against the most, too: reading must end, whatever is sent.
        """
        if self._wanted is None:
            return Text([], {})
        is_wanted = self._wanted.match
        samples: list[Sample] = []
        kinds: dict[str, str] = {}
        bad: list[bytes] = []
        dropped = 0
        for line in body.split(b"\n"):
            if not is_wanted(line):
                continue
            if line.startswith(_TYPE):
                _note_kind(kinds, line)
                continue
            if len(samples) + len(bad) >= self._samples_max:
                dropped += 1
                continue
            sample = self._sample(line.rstrip())
            if sample is None:
                bad.append(line)
            else:
                samples.append(sample)
        example = bad[0][:EXAMPLE_LENGTH_MAX].decode(errors="replace") if bad else ""
        return Text(samples, kinds, len(bad), example, dropped)

    def _sample(self, line: bytes) -> Sample | None:
        """Mostly the last space divides a known series from its value; then nothing is parsed."""
        if len(line) > LINE_LENGTH_MAX:
            return None
        head, _, tail = line.rpartition(b" ")
        series = self._known.get(head)
        if series is None:
            match = _SAMPLE.fullmatch(line)
            if match is None or match[3] is None:
                return None
            series = _series(match)
            if series is None:
                return None
            if tail == match[3]:
                self._remember(head, series)
            tail = match[3]
        try:
            return Sample(series.name, series.labels, _value(tail))
        except ValueError:
            return None

    def _remember(self, head: bytes, series: Series) -> None:
        if len(self._known) >= 2 * self._samples_max:
            self._known.clear()
        self._known[head] = series


def _note_kind(kinds: dict[str, str], line: bytes) -> None:
    words = line.decode(errors="replace").split()
    if len(words) == 4:
        kinds[words[2]] = words[3]


def _series(match: re.Match[bytes]) -> Series | None:
    try:
        name, text = match[1].decode(), (match[2] or b"").decode()
    except UnicodeDecodeError:
        return None
    labels = labels_of(text)
    return None if labels is None or len(name) > NAME_LENGTH_MAX else Series(name, labels)


def labels_of(text: str) -> Labels | None:
    r"""What stands between the braces, sorted; cut in number and length. None if malformed.

    >>> labels_of('model="a \\"b\\"",gpu="0",')
    (('gpu', '0'), ('model', 'a "b"'))
    """
    labels: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _LABEL.match(text, at)
        if match is None:
            return None if text[at:].strip() else _capped(labels)
        labels[match[1]] = _unescaped(match[2])
        at = match.end()
    return _capped(labels)


def _capped(labels: dict[str, str]) -> Labels:
    """An empty label is the same as none."""
    kept = sorted((name, value) for name, value in labels.items() if value)[:LABELS_MAX]
    return tuple((name[:LABEL_LENGTH_MAX], _short(value)) for name, value in kept)


def _short(value: str) -> str:
    return value if len(value) <= LABEL_LENGTH_MAX else value[: LABEL_LENGTH_MAX - 1] + "…"


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text)


def _value(text: bytes) -> float | None:
    """Raises ValueError. Python would take 1_000 for a number, Prometheus does not."""
    if b"_" in text:
        raise ValueError
    value = float(text)
    return None if not math.isfinite(value) or value == BLANK else value
