"""What the store says about itself: its limits, its state, what happened when it was opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data.control import Loss
from models.messages import Message
from models.tiers import TIERS

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """`size_max_bytes`: oldest periods are dropped beyond it. `free_min_bytes`: with less room
    on the disk the store is lean: it takes no rows and goes on answering. `kept_seconds`: how
    long the rows of each tier live, by the tier's view.
    """

    size_max_bytes: int = 1_000 * MEGABYTE
    kept_seconds: Mapping[str, int] = field(
        default_factory=lambda: {tier.view: tier.kept_seconds for tier in TIERS}
    )
    free_min_bytes: int = 200 * MEGABYTE
    quarantine_max_bytes: int = 1_000 * MEGABYTE


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What opening found; without losses and messages, all was as it had been left.

    `losses` are those found this time. `quarantine` holds the damaged files, when there were any.
    """

    losses: tuple[Loss, ...] = ()
    messages: tuple[Message, ...] = ()
    quarantine: Path | None = None
    rows_verified: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """State of the store right now.

    `state` is "ok", "lean" (no room on the disk: reads only) or "broken" (a file cannot be
    opened again); `reason` is None only when it is ok. `size_bytes` counts blocks in use and the
    WAL, which is what the cap is about; `file_bytes` is what the files take on the disk.
    `unacknowledged` flushes are in DuckDB while control has no room to say so.
    """

    state: str
    reason: Message | None
    size_bytes: int
    size_max_bytes: int
    file_bytes: int
    series: int
    seq: int
    rows_lost: int
    rows_refused: int
    periods_evicted: int
    unacknowledged: int
