"""Steps of time, and in which of them somebody watched: what the series of demand share."""

# ruff: noqa: S608  Names of views are constants, and what is put in are whole numbers.

from collections.abc import Mapping
from typing import NamedTuple

from data.ops.records import Connection
from models.demand.shapes import HOUR_SECONDS, Measured
from models.tiers import MINUTE, RAW, TEN_MINUTES, Tier

Span = tuple[int, int]
"""[since, until) in UTC epoch seconds."""
Values = Mapping[int, float]
"""By the moment at which a step begins."""
# Only the agent itself writes the size of its store: what tells of its machine tells of it. Where
# that is switched off, any machine does; where all is switched off, any series.
WATCHING = """
SELECT list(id) FROM series
WHERE name IN ('agent.store.size', 'machine.cpu.utilization')
  AND (machine IN (SELECT machine FROM series WHERE name = 'agent.store.size')
       OR NOT EXISTS (FROM series WHERE name = 'agent.store.size'))
"""


class Steps(NamedTuple):
    """Whole steps in [since, until), each looked at in parts of `part_seconds`."""

    since: int
    until: int
    seconds: int
    part_seconds: int

    @classmethod
    def within(cls, span: Span, seconds: int) -> "Steps":
        """Those that lie in a span as a whole: hours in parts of ten minutes, others of one."""
        since, until = -(-int(span[0]) // seconds) * seconds, int(span[1]) // seconds * seconds
        tier = TEN_MINUTES if seconds >= HOUR_SECONDS else MINUTE
        return cls(since, max(since, until), seconds, tier.step_seconds)

    @property
    def tier(self) -> Tier:
        return TEN_MINUTES if self.part_seconds == TEN_MINUTES.step_seconds else MINUTE

    def step_of(self, part: int) -> int:
        """When the step begins that holds the part of that number."""
        return part * self.part_seconds // self.seconds * self.seconds


def watched(connection: Connection, steps: Steps) -> set[int]:
    """Hours of which a running agent saw at least half, and shorter steps of which it saw some."""
    row = connection.execute(WATCHING).fetchone()
    known = row[0] if row and row[0] else []
    mine = "list_contains($1::INTEGER[], series_id)" if known else "len($1::INTEGER[]) = 0"
    rows = connection.execute(
        f"SELECT DISTINCT part FROM ({parts(connection, steps, mine)})", [known]
    ).fetchall()
    seen: dict[int, int] = {}
    for (part,) in rows:
        seen[steps.step_of(part)] = seen.get(steps.step_of(part), 0) + 1
    least = steps.seconds / steps.part_seconds / 2 if steps.seconds >= HOUR_SECONDS else 1
    return {at for at, count in seen.items() if count >= least}


def parts(connection: Connection, steps: Steps, mine: str) -> str:
    """SQL of what was sampled, part by part: of the tier as far as it goes, then as it came."""
    row = connection.execute(
        "SELECT epoch(rolled_before)::BIGINT FROM rollups WHERE tier = ?", [steps.tier.view]
    ).fetchone()
    middle = min(max(steps.since, row[0] if row else 0), steps.until)
    spans = ((steps.tier, steps.since, middle), (RAW, middle, steps.until))
    return " UNION ALL ".join(
        f"""
        SELECT epoch(taken_at)::BIGINT // {steps.part_seconds} AS part, series_id, mean, max, n
        FROM {tier.view} WHERE taken_at >= to_timestamp({since})
          AND taken_at < to_timestamp({until}) AND {mine}
        """
        for tier, since, until in spans
    )


def gridded(steps: Steps, values: Values, nothing: set[int]) -> Measured:
    """`nothing`: steps in which no value means zero. What was before the first is left out."""
    told = [
        values.get(at, 0.0 if at in nothing else None)
        for at in range(steps.since, steps.until, steps.seconds)
    ]
    first = next((place for place, value in enumerate(told) if value is not None), len(told))
    return Measured(steps.since + first * steps.seconds, steps.seconds, tuple(told[first:]))


def highest(steps: Steps, by_part: Values) -> Values:
    """Of parts, by when they begin: the highest of each step."""
    found: dict[int, float] = {}
    for begun, value in by_part.items():
        at = begun // steps.seconds * steps.seconds
        found[at] = max(value, found.get(at, value))
    return found
