"""What is known of one kind of exporter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from models.exporters.lines import Sample
from models.monitoring import Reading


class Translator(Protocol):
    """Says in our own names what an exporter counts; keeps what it needs for rates."""

    def readings(self, samples: Sequence[Sample], monotonic_seconds: float) -> list[Reading]: ...


@dataclass(frozen=True, slots=True)
class Preset:
    """`prefixes` are the beginnings of the names that are kept; `mark` begins a line that no other
    exporter has. `version` names a metric and its label. `renamed` brings older names to new ones.

    Names in `translated` go through the translator and are then ours, without a label `source`.
    """

    name: str
    prefixes: tuple[str, ...]
    mark: str
    version: tuple[str, str] = ("", "")
    renamed: Mapping[str, str] = field(default_factory=dict)
    translated: frozenset[str] = frozenset()
    translator: Callable[[], Translator] | None = None
