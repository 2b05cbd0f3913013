"""Which rows make a station, and how many work at it.

A stage whose rows stand alone, or say since when they waited, has workers of its own. Other
stages inside a job are done one after another by whoever does the job, so the job is the station
and they are its parts: its worker is free again when all of them are done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.bottlenecks.inputs import Level, StageRuns

ROBUST_SHARE = 0.02
"""So much of the working time a number of workers must be busy at once to count: clocks of two
hosts overlap by moments, a second worker for longer."""
JOB = "job"
"""The stage that stands for whole jobs of an analysis that n8n runs as a whole."""


@dataclass(frozen=True, slots=True)
class Crew:
    """The rows that make one station: its own, and those of the stages inside."""

    own: StageRuns
    inside: tuple[StageRuns, ...] = ()
    parts_only: bool = False
    """The job also waits for workers elsewhere, so its time is that of its own parts."""


def crews_of(runs: Sequence[StageRuns]) -> list[Crew]:
    """Which rows belong together; the whole is no station where its stages are."""
    stages = [row for row in runs if row.stage not in {"", JOB}]
    whole = next((row for row in runs if row.stage == ""), None)
    job = next((row for row in runs if row.stage == JOB), None)
    worker = job or (whole if whole and not whole.source else None)
    inside = [row for row in stages if worker and _is_part(row)]
    apart = [row for row in stages if row not in inside]
    crews = [Crew(row) for row in apart]
    if worker and inside:
        crews.append(Crew(worker, tuple(inside), parts_only=bool(apart)))
    elif not apart and (only := job or whole):
        crews.append(Crew(only))
    return crews


def servers_of(levels: Iterable[Level]) -> int:
    """The largest number that was at work at once for more than moments.

    >>> servers_of([Level("a", "s", 1, 90.0), Level("a", "s", 2, 9.0), Level("a", "s", 3, 0.1)])
    2
    """
    seconds: dict[int, float] = {}
    for level in levels:
        if level.running > 0 and level.seconds > 0:
            seconds[level.running] = seconds.get(level.running, 0.0) + level.seconds
    limit = ROBUST_SHARE * sum(seconds.values())
    above = 0.0
    for running in sorted(seconds, reverse=True):
        above += seconds[running]
        if above >= limit:
            return running
    return 1


def _is_part(row: StageRuns) -> bool:
    """Most of its rows stand inside a job's, and none had a queue of its own."""
    return 2 * row.inside > row.ended + row.running and not row.waits
