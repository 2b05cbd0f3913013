"""The ping to a watcher elsewhere, which raises the alarm when it stops."""

from typing import NamedTuple

EVERY_SECONDS = 60.0
SAMPLE_AGE_SECONDS_MAX = 180.0
"""Without a sample for so long the agent watches nothing, whatever its loops say."""


class Pulse(NamedTuple):
    """How the agent is. `last_sample_age_seconds` is None before the first sample."""

    silent_loops: tuple[str, ...]
    last_sample_age_seconds: float | None
    outbox_depth: int

    @property
    def is_well(self) -> bool:
        age = self.last_sample_age_seconds
        return not self.silent_loops and (age is None or age <= SAMPLE_AGE_SECONDS_MAX)

    def as_json(self) -> dict[str, object]:
        age = self.last_sample_age_seconds
        return {
            "agent_ok": self.is_well,
            "last_sample_age": None if age is None else round(age, 1),
            "outbox_depth": self.outbox_depth,
        }
