"""The series that are forecast, out of the store, on an even grid: functions over a cursor.

Counts come out of jobs, executions and calls, levels out of samples (how many wait or run: out of
jobs and executions). What nobody saw is None: an hour in which the agent did not run says nothing,
though a count that came over later stands.
"""

# ruff: noqa: S608  Put together out of constants, and offsets of a zone whole numbers.

from collections import Counter
from typing import Literal
from zoneinfo import ZoneInfo

from data.cost_sql import IN_SPAN, local_day
from data.ops.demand_asked import asked
from data.ops.demand_counts import counts, levels
from data.ops.demand_levels import sampled
from data.ops.demand_steps import Span, Steps, Values, gridded, highest, watched
from data.ops.records import Connection
from models.budget.tree import API, parent_of
from models.costs.periods import day_of, start_of
from models.demand.shapes import HOUR_SECONDS, Measured
from models.demand.targets import is_count
from models.settings.target import Target
from models.tiers import DAY_SECONDS

HOURS_SEEN = 12
"""Of a day, so that no spending means that nothing was spent."""
REFUSED = """
SELECT (epoch(minute_at)::BIGINT - $1) // $3 AS step, sum(calls)::BIGINT FROM refusals
WHERE minute_at >= to_timestamp($1) AND minute_at < to_timestamp($2)
  AND list_contains($4::VARCHAR[], bucket_id) GROUP BY step
"""
SERVED = """
SELECT (epoch(opened_at)::BIGINT - $1) // $3 AS step, count(*) FROM calls
JOIN call_labels ON id = labels_id
WHERE is_call AND opened_at >= to_timestamp($1) AND opened_at < to_timestamp($2)
  AND list_contains(string_split(buckets, chr(10)), $4) GROUP BY step
"""
WON = f"""
WITH days AS (
    SELECT labels_id, {{day}} AS day, sum(won) AS won FROM calls WHERE {IN_SPAN} GROUP BY ALL)
SELECT day, sum(won)::DOUBLE FROM days JOIN call_labels ON id = labels_id
WHERE list_contains(string_split(buckets, chr(10)), $3) AND {{varies}} GROUP BY day
"""
OF_CALLS = "is_call"
VARIES = "kind <> 'fixed' AND endpoint NOT IN ('opening', 'correction')"


def measured(connection: Connection, target: Target, span: Span, zone: ZoneInfo) -> Measured:
    """Whole hours of a span (of `spend`: whole local days), without those before the first value.

    Raises StoreError that names the target where its own SQL is refused.
    """
    if target.kind == "spend":
        return _won(connection, (target.only or API, VARIES), span, zone)
    return _gridded(connection, target, Steps.within(span, HOUR_SECONDS))


def recent(
    connection: Connection, target: Target, until: int, steps: int, step_seconds: int = 300
) -> Measured:
    """The `steps` whole steps before `until`: a level is as high as its highest minute.

    Of spending there are none. Raises StoreError as `measured`.
    """
    end = until // step_seconds * step_seconds
    if target.kind == "spend":
        return Measured(end, step_seconds, ())
    wanted = Steps.within((end - steps * step_seconds, end), step_seconds)
    return _gridded(connection, target, wanted)


def refused(connection: Connection, target: Target, grid: Measured) -> tuple[int, ...]:
    """How many calls its budget, or one above it, refused in each step of a grid."""
    names = []
    name: str | None = target.budget or None
    while name is not None:
        names.append(name)
        name = parent_of(name)
    return _counted(connection, REFUSED, grid, names)


def served(connection: Connection, target: Target, grid: Measured) -> tuple[int, ...]:
    """How many calls its budget let through in each step of a grid."""
    return _counted(connection, SERVED, grid, target.budget)


def daily_won(connection: Connection, bucket_id: str, span: Span, zone: ZoneInfo) -> Measured:
    """Won a local day of calls that count in a bucket: floats, for a fit and for nothing else.

    A day that a change of the clock makes shorter or longer is a step like the others.
    """
    return _won(connection, (bucket_id, OF_CALLS), span, zone)


def _counted(connection: Connection, sql: str, grid: Measured, of: object) -> tuple[int, ...]:
    params = [grid.start_at, grid.end_at, grid.step_seconds, of]
    found = dict(connection.execute(sql, params).fetchall())
    return tuple(found.get(step, 0) for step in range(len(grid.values)))


def _gridded(connection: Connection, target: Target, steps: Steps) -> Measured:
    if target.kind in ("queue", "active"):
        seen = watched(connection, steps)
        waited = _levels(connection, target, steps)
        return gridded(steps, {at: waited[at] for at in waited.keys() & seen}, seen)
    if target.kind in ("arrivals", "calls"):
        return gridded(steps, counts(connection, target, steps), watched(connection, steps))
    is_hourly = steps.seconds >= HOUR_SECONDS
    seen = watched(connection, steps) if is_count(target) else set()
    if target.kind == "sql":
        part = steps.seconds if is_hourly or is_count(target) else steps.part_seconds
        return gridded(steps, highest(steps, asked(connection, target, steps, part)), seen)
    values = sampled(connection, target, steps, peak=not is_hourly)
    if is_count(target):
        # Of an hour that was half seen it holds half.
        values = {at: values.get(at, 0.0) for at in seen}
    return gridded(steps, values, set())


def _levels(connection: Connection, target: Target, steps: Steps) -> Values:
    kind: Literal["queue", "active"] = "queue" if target.kind == "queue" else "active"
    part = steps.seconds if steps.seconds >= HOUR_SECONDS else steps.part_seconds
    return highest(steps, levels(connection, kind, target.only, steps, part))


def _won(connection: Connection, of: tuple[str, str], span: Span, zone: ZoneInfo) -> Measured:
    bucket_id, varies = of
    first, last = day_of(span[0] - 1, zone) + 1, day_of(span[1], zone)
    since, until = start_of(first, zone), start_of(max(first, last), zone)
    sql = WON.format(day=local_day((since, until), zone), varies=varies)
    found = dict(connection.execute(sql, [since, until, bucket_id]).fetchall())
    hours = Counter(
        day_of(hour, zone)
        for hour in watched(connection, Steps.within((since, until), HOUR_SECONDS))
    )
    seen = {day for day, count in hours.items() if count >= HOURS_SEEN}
    # Days bear the moments of an even grid, whatever the clock of the zone did in between.
    moments = {day: since + (day - first) * DAY_SECONDS for day in {*found, *seen}}
    steps = Steps(since, since + (max(first, last) - first) * DAY_SECONDS, DAY_SECONDS, 0)
    won = {moments[day]: spent for day, spent in found.items()}
    return gridded(steps, won, {moments[day] for day in seen})
