"""Findings about what is no stage: locks, APIs, statements, queues that no stage is named like.

What already stands under a stage as its cause is left out: its minutes are counted there.
"""

from collections.abc import Collection, Iterable, Sequence

from models.bottlenecks.inputs import Inputs, Strain
from models.bottlenecks.queues import belongs
from models.bottlenecks.shapes import CauseKind, Finding, Kind, Pipeline
from models.bottlenecks.strains import API_TIME, API_UP, LOCKS, QUEUES, database_named
from models.formats import duration, number, percent
from models.messages import say
from models.tiers import DAY_SECONDS

MINUTES_MIN = 1.0
SLOW_SHARE_MIN = 0.01
STATEMENT_SHARE_MIN = 0.2
STATEMENT_CHARACTERS = 80

Told = Collection[tuple[CauseKind, str]]


def lock_findings(inputs: Inputs, told: Told) -> Iterable[Finding]:
    """Sessions that waited for a lock, times how long: by the mean of how many were blocked."""
    for strain in inputs.strains:
        database = database_named(strain.label("source"))
        minutes = _minutes_a_day(inputs, strain)
        if strain.name != LOCKS or (CauseKind.LOCK, database) in told or minutes < MINUTES_MIN:
            continue
        blockers = [one for one in inputs.blockers if database_named(one.source) == database]
        yield Finding(
            kind=Kind.LOCK,
            subject=database,
            analysis="",
            stage="",
            minutes_a_day=minutes,
            title=say("Sessions of {database} wait for locks", database=database),
            evidence=(
                say(
                    "{percent} of the time; up to {most} at once",
                    percent=percent(strain.strained_buckets / strain.buckets),
                    most=number(strain.most),
                ),
                *(say("held by {blocker}", blocker=one.name) for one in blockers),
            ),
            next_step=say(
                "End or shorten the transaction that holds the lock: Machines, databases, shows "
                "who blocks whom."
            ),
        )


def api_findings(inputs: Inputs, told: Told) -> Iterable[Finding]:
    """Slow or down, though no stage was measured to be slower meanwhile: no minutes are claimed."""
    seen: set[str] = set()
    for strain in sorted(inputs.strains, key=lambda strain: strain.name != API_UP):
        api = strain.label("source")
        if strain.name not in {API_TIME, API_UP} or (CauseKind.API, api) in told or api in seen:
            continue
        share = strain.strained_buckets / strain.buckets if strain.buckets else 0.0
        if share < SLOW_SHARE_MIN:
            continue
        seen.add(api)
        down = strain.name == API_UP
        yield Finding(
            kind=Kind.API,
            subject=api,
            analysis="",
            stage="",
            minutes_a_day=None,
            title=say("{api} is down at times", api=api)
            if down
            else say("{api} is slow at times", api=api),
            evidence=(
                say("{percent} of the time; no stage is slower then", percent=percent(share))
                if down
                else say(
                    "{percent} of the time; up to {most}, usually under {limit}; no stage is "
                    "slower then",
                    percent=percent(share),
                    most=duration(strain.most),
                    limit=duration(strain.threshold),
                ),
            ),
            next_step=say("Watch it; Machines, services, shows its latency by the hour."),
        )


def statement_findings(inputs: Inputs, told: Told) -> Iterable[Finding]:
    """Statements that take a fifth of a database's statement time or more.

    Their time counts without that in which sessions waited for locks, for which there are
    findings of their own.
    """
    totals: dict[str, float] = {}
    for row in inputs.statements:
        totals[row.source] = totals.get(row.source, 0.0) + row.busy
    blocked = {
        strain.label("source"): _minutes_a_day(inputs, strain)
        for strain in inputs.strains
        if strain.name == LOCKS
    }
    for row in sorted(inputs.statements, key=lambda row: (-row.busy, row.query_id)):
        overlap = min(blocked.get(row.source, 0.0), row.busy * 24 * 60)
        minutes = _shortened(row.busy * inputs.span_seconds / 60, inputs) - overlap
        share = row.busy / totals[row.source] if totals[row.source] else 0.0
        stands_there = (CauseKind.STATEMENT, row.query_id) in told
        if stands_there or minutes < MINUTES_MIN or share < STATEMENT_SHARE_MIN:
            continue
        blocked[row.source] = blocked.get(row.source, 0.0) - overlap
        yield Finding(
            kind=Kind.STATEMENT,
            subject=row.text[:STATEMENT_CHARACTERS] or row.query_id,
            analysis="",
            stage="",
            minutes_a_day=minutes,
            title=say(
                "One statement takes {share} of {database}'s time",
                share=percent(share),
                database=database_named(row.source),
            ),
            evidence=(
                say("{statement}", statement=row.text[:STATEMENT_CHARACTERS] or row.query_id),
                say("{percent} of a connection, all the time", percent=percent(row.busy)),
            ),
            next_step=say(
                "Look at its plan with EXPLAIN (ANALYZE, BUFFERS); an index may be missing."
            ),
        )


def queue_findings(inputs: Inputs, pipelines: Sequence[Pipeline]) -> Iterable[Finding]:
    """Queues that belong to no stage whose waits are counted already."""
    stations = [station for pipeline in pipelines for station in pipeline.stations]
    in_n8n = any(row.source and row.waits for row in inputs.runs)
    for strain in inputs.strains:
        minutes = _minutes_a_day(inputs, strain)
        counted = any(belongs(strain, one.analysis, one.stage) for one in stations) or (
            strain.name == QUEUES[1] and in_n8n
        )
        if strain.name not in QUEUES or counted or minutes < MINUTES_MIN:
            continue
        queue = strain.label("queue") or strain.label("source")
        yield Finding(
            kind=Kind.QUEUE,
            subject=queue,
            analysis="",
            stage="",
            minutes_a_day=minutes,
            title=say("Work waits in the queue {queue}", queue=queue),
            evidence=(
                say(
                    "{length} wait on average, up to {most}",
                    length=number(strain.mean),
                    most=number(strain.most),
                ),
            ),
            next_step=say(
                "Name the queue like the stage that empties it, then its worker is told here."
            ),
        )


def _minutes_a_day(inputs: Inputs, strain: Strain) -> float:
    """Of a series that counts who waits: waiting together."""
    return _shortened(strain.mean * strain.buckets * inputs.bucket_seconds / 60, inputs)


def _shortened(minutes: float, inputs: Inputs) -> float:
    return minutes / max(1.0, inputs.span_seconds / DAY_SECONDS)
