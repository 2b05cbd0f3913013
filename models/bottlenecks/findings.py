"""What the report finds: each with its minutes lost a day, its evidence and a next step.

No minute is counted twice. Waiting for a stage and the time by which the stage was slower are
two different times of a run, so a finding about a stage has both; what made it slower is its
cause and no finding of its own. Failed work is the time of runs that are in none of the two.
"""

from collections.abc import Iterable, Sequence

from models.bottlenecks.elsewhere import (
    MINUTES_MIN,
    api_findings,
    lock_findings,
    queue_findings,
    statement_findings,
)
from models.bottlenecks.inputs import Inputs
from models.bottlenecks.shapes import (
    CauseKind,
    Finding,
    Kind,
    Pipeline,
    Relief,
    Slowdown,
    Station,
)
from models.bottlenecks.slowdowns import causes_of
from models.bottlenecks.strains import database_named
from models.bottlenecks.words import cause_said, next_step_for, proof_said
from models.formats import duration, number, percent
from models.messages import Message, say

BUSY_MIN = 0.8
"""A stage that limits is told from this utilisation on, though nothing was measured to wait."""
CAUSES_MAX = 3
FAILURES_MIN = 3
ERROR_RATE_MIN = 0.05


def findings_of(
    inputs: Inputs, pipelines: Sequence[Pipeline], slowdowns: Sequence[Slowdown]
) -> tuple[Finding, ...]:
    """The most minutes first."""
    stages = [
        finding
        for pipeline in pipelines
        if pipeline.limiting
        for station in pipeline.stations
        if (finding := _stage(pipeline, station, slowdowns, inputs))
    ]
    told = {(cause.kind, cause.subject) for finding in stages for cause in finding.causes}
    found = [
        *stages,
        *(finding for pipeline in pipelines for finding in _failures(pipeline)),
        *lock_findings(inputs, told),
        *api_findings(inputs, told),
        *statement_findings(inputs, told),
        *queue_findings(inputs, pipelines),
    ]
    return tuple(sorted(found, key=_place))


def _place(finding: Finding) -> tuple[float, Kind, str]:
    return (-(finding.minutes_a_day or 0.0), finding.kind, finding.subject)


def _stage(
    pipeline: Pipeline, station: Station, slowdowns: Sequence[Slowdown], inputs: Inputs
) -> Finding | None:
    causes = [
        cause
        for part in station.parts
        for cause in causes_of(slowdowns, station.analysis, part.stage)[:CAUSES_MAX]
    ]
    slower = _slower_minutes(causes)
    waiting = station.waiting_minutes_a_day or 0.0
    limits = station is pipeline.limiting
    is_measured = station.waiting_minutes_a_day is not None or bool(causes)
    if waiting + slower < MINUTES_MIN and not (limits and station.utilisation >= BUSY_MIN):
        return None
    stage = station.slowest.stage
    cause = next((one for one in causes if one.stage == stage), None)
    return Finding(
        kind=Kind.STAGE,
        subject=stage or station.analysis,
        analysis=station.analysis,
        stage=stage,
        minutes_a_day=waiting + slower if is_measured else None,
        title=_title(station, stage, limits, waiting),
        evidence=(*_evidence(pipeline, station), *_because(causes, inputs)),
        next_step=next_step_for(station, stage, cause, _relief(pipeline, stage, 0.25)),
        causes=tuple(causes),
    )


def _slower_minutes(causes: Iterable[Slowdown]) -> float:
    """Of several causes of one stage the largest: they may be one."""
    most: dict[str, float] = {}
    for cause in causes:
        most[cause.stage] = max(most.get(cause.stage, 0.0), cause.minutes_a_day)
    return sum(most.values())


def _title(station: Station, stage: str, limits: bool, waiting: float) -> Message:
    analysis = station.analysis
    if not stage:
        return (
            say("{analysis} is as fast as its workers", analysis=analysis)
            if limits
            else say("{analysis} waits to begin", analysis=analysis)
        )
    if limits:
        return say("{stage} limits {analysis}", stage=stage, analysis=analysis)
    if waiting >= MINUTES_MIN:
        return say("{analysis} waits for {stage}", stage=stage, analysis=analysis)
    return say("{stage} of {analysis} is slowed down", stage=stage, analysis=analysis)


def _evidence(pipeline: Pipeline, station: Station) -> Iterable[Message]:
    yield say(
        "{percent} of the time of its workers ({servers}) is used; {n} runs, {duration} each",
        percent=percent(station.utilisation),
        servers=station.servers,
        n=station.ended,
        duration=duration(station.service_seconds),
    )
    if station.wait_seconds is not None and station.queue is not None:
        queue = station.queue if station.queue_measured is None else station.queue_measured
        yield say(
            "a run waits {duration}; {length} wait on average",
            duration=duration(station.wait_seconds),
            length=number(queue),
        )
    half = _relief(pipeline, station.slowest.stage, 0.5)
    if station is pipeline.limiting and half:
        yield say(
            "at most {now} runs an hour; {then} if {stage} took half its time, then {limit} limits",
            now=number(station.capacity),
            then=number(half.capacity),
            stage=half.stage or station.analysis,
            limit=half.limited_by or station.analysis,
        )


def _because(causes: Sequence[Slowdown], inputs: Inputs) -> Iterable[Message]:
    texts = {row.query_id: row.text for row in inputs.statements}
    for cause in causes:
        yield cause_said(cause, texts)
        yield proof_said(cause)
        if cause.kind is CauseKind.LOCK:
            for blocker in inputs.blockers:
                if database_named(blocker.source) == cause.subject:
                    yield say("held by {blocker}", blocker=blocker.name)


def _relief(pipeline: Pipeline, stage: str, share: float) -> Relief | None:
    return next((one for one in pipeline.reliefs if (one.stage, one.share) == (stage, share)), None)


def _failures(pipeline: Pipeline) -> Iterable[Finding]:
    parts = [part for station in pipeline.stations for part in station.parts]
    for part in parts:
        minutes = part.failed_seconds / 60 / pipeline.days
        rate = part.failed / part.ended if part.ended else 0.0
        if part.failed < FAILURES_MIN or (minutes < MINUTES_MIN and rate < ERROR_RATE_MIN):
            continue
        analysis, stage = pipeline.analysis, part.stage
        yield Finding(
            kind=Kind.FAILURES,
            subject=stage or analysis,
            analysis=analysis,
            stage=stage,
            minutes_a_day=minutes,
            title=say("{stage} of {analysis} fails", stage=stage, analysis=analysis)
            if stage
            else say("{analysis} fails", analysis=analysis),
            evidence=(
                say(
                    "{n} of {runs} runs failed ({percent})",
                    n=part.failed,
                    runs=part.ended,
                    percent=percent(rate),
                ),
            ),
            next_step=say("See the last failures of the analysis: each names its key."),
        )
