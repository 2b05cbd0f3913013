"""Which queue belongs to which stage: by its name."""

import re
from collections.abc import Iterable

from models.bottlenecks.inputs import StageRuns, Strain
from models.bottlenecks.strains import QUEUES


def queue_of(row: StageRuns, queues: Iterable[Strain]) -> float | None:
    """Mean length of the queue that is named like the stage (or the analysis, for its whole)."""
    return next((queue.mean for queue in queues if belongs(queue, row.analysis, row.stage)), None)


def belongs(queue: Strain, analysis: str, stage: str) -> bool:
    """A queue `video:transcribe` is that of the stage `transcribe`; of n8n there is one queue,
    and it may hold anything.

    >>> queue = Strain("vps", "redis.queue.length", (("queue", "bull:transcribe:wait"),),
    ...                1, 1, 1, 1, 1, 1)
    >>> belongs(queue, "video", "transcribe"), belongs(queue, "video", "scribe")
    (True, False)
    """
    if queue.name != QUEUES[0]:
        return False
    words = _words(queue.label("queue"))
    wanted = _words(stage or analysis)
    return bool(wanted) and any(
        words[place : place + len(wanted)] == wanted for place in range(len(words))
    )


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name.lower()) if word]
