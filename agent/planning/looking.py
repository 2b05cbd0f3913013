"""The demand of a pool as it is now, and the steps that its forecast looks back at.

The queries are loaded with the first look: a house without pools needs none of them.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from agent.asking import Asking
from models.demand.shapes import Measured
from models.demand.targets import is_count
from models.scaling.rare import Queue
from models.scaling.shapes import BUCKET_SECONDS, ShortFit
from models.scaling.waited import waited
from models.settings.target import Target

MINUTE_SECONDS = 60
MINUTES = 5
KNOWN_MIN = 3
"""Of the last five minutes so many must be known, that a count of them means anything."""
STALE_MINUTES = 3
"""A level that was last measured so long ago is not known any more."""
STEPS = 2_016 + 24
"""A week, and what the lags look back further."""
QUEUE_STEPS = 288


class Seen(NamedTuple):
    """`steps` are whole ones of five minutes; `fit` is the newest, None where there is none yet."""

    steps: Measured
    fit: ShortFit | None


def look_back(store: Asking, target: Target, now: int) -> Seen:
    """Asked once every five minutes. Raises StoreError."""
    from data.ops.demand_read import fit_of
    from data.ops.demand_series import recent

    steps = store.read(lambda cursor: recent(cursor, target, now, STEPS, BUCKET_SECONDS))
    kept = store.read(lambda cursor: fit_of(cursor, target.name, "short"))
    return Seen(steps, None if kept is None else ShortFit.from_json(json.loads(kept.document)))


def load_now(store: Asking, target: Target, now: int) -> float | None:
    """Of a count what came in the last five minutes, else what it was last. None: not measured.

    Raises StoreError.
    """
    from data.ops.demand_series import recent

    found = store.read(lambda cursor: recent(cursor, target, now, MINUTES, MINUTE_SECONDS))
    minutes = _until(found, now)
    known = [value for value in minutes if value is not None]
    if is_count(target):
        return sum(known) * MINUTES / len(known) if len(known) >= KNOWN_MIN else None
    latest = [value for value in minutes[-STALE_MINUTES:] if value is not None]
    return latest[-1] if latest else None


def queue_now(store: Asking, target: Target, now: int) -> Queue | None:
    """What waits of the same work, and how long; None where that is not measured.

    Raises StoreError.
    """
    from data.ops.demand_series import recent

    waiting = target.model_copy(update={"kind": "queue"})
    active = target.model_copy(update={"kind": "active"})
    count = load_now(store, waiting, now)
    if count is None:
        return None
    steps = store.read(lambda cursor: recent(cursor, waiting, now, QUEUE_STEPS, BUCKET_SECONDS))
    return waited(round(count), round(load_now(store, active, now) or 0), steps, now)


def _until(found: Measured, now: int) -> Sequence[float | None]:
    """The minutes up to now; what is older is not among them."""
    missing = (now - found.end_at) // MINUTE_SECONDS
    return (*found.values, *[None] * missing)[-MINUTES:]
