"""What the store remembers of one n8n: where a collector goes on after a restart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.monitoring import Execution

WATERMARK_KIND = "watermark"
"""Kind of the thing that is stored beside the executions, in the same batch."""


@dataclass(frozen=True, slots=True)
class Known:
    """`watermark`: every execution up to this id was handed over; None before the first.

    `runs` are, oldest first, those that had not ended, those of the last 24 hours, and the last
    50 of each workflow. `starts` are moments of the last five weeks by workflow id, at most one in
    five minutes, without runs by hand and retries. Moments are UTC epoch seconds.
    """

    watermark: int | None = None
    runs: Sequence[Execution] = ()
    starts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    last_success_at: Mapping[str, float] = field(default_factory=dict)
