"""What a collector of n8n is told of the house it works for."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from models.settings.n8n import N8n
from models.workflows.board import Rules
from models.workflows.silence import Rule
from models.workflows.stuck import StuckRule

UNKNOWN_FACTOR = 12
"""How much longer a run may take of a workflow of which no run was measured yet."""


@dataclass(frozen=True, slots=True)
class House:
    """The owner's zone, a clock of UTC epoch seconds, and the key field of each workflow that has
    one, by the workflow's id or name.
    """

    zone: tzinfo
    clock: Callable[[], float] = time.time
    key_fields: Mapping[str, str] = field(default_factory=dict)


def rules_of(settings: N8n) -> Rules:
    floor = settings.stuck_floor_seconds
    return Rules(
        Rule(factor=settings.silence_factor),
        StuckRule(settings.stuck_factor, floor, UNKNOWN_FACTOR * floor),
        settings.workflows_max,
    )


def link_of(settings: N8n) -> str:
    """Where a person's browser finds this n8n."""
    return (settings.link_url or settings.url).rstrip("/")
