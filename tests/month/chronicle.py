"""What was seen of a month, as values that can be written down and judged."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Chronicle:
    """Moments are UTC epoch seconds, money is in won."""

    happened: list[tuple[float, str]] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=list)
    """Of each bucket after each step: spent, committed, its cap."""
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    """By priority: how often served, or refused by which code."""
    essential_refused: list[tuple] = field(default_factory=list)
    """Of each essential call refused for money: when, where, needed, committed then, the cap."""
    loop: dict[str, Any] = field(default_factory=dict)
    killed: dict[str, Any] = field(default_factory=dict)
    raised: dict[str, Any] = field(default_factory=dict)
    stops: list[tuple] = field(default_factory=list)
    """Each time services were stopped or started: when, seconds it took, in which order."""
    recovery: dict[str, Any] = field(default_factory=dict)
    alerts: dict[str, Any] = field(default_factory=dict)
    admission: dict[str, Any] = field(default_factory=dict)
    bill: dict[str, Any] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)
    """By which rates calls were reserved, in won a dollar."""
    waiting: list[tuple] = field(default_factory=list)
    """Work that waited: of which program, by which budget, since when, when it was begun again, how
    it is, and what it costs, about.
    """
    seconds: float = 0.0
    """How long the month took."""

    def note(self, at: float, what: str) -> None:
        self.happened.append((at, what))

    def count(self, priority: str, what: str) -> None:
        told = Counter(self.outcomes.get(priority, {}))
        told[what] += 1
        self.outcomes[priority] = dict(told)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, path: Path) -> "Chronicle":
        return cls(**json.loads(path.read_text()))
