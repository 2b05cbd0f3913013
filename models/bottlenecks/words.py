"""Causes and next steps of findings, in few words."""

from collections.abc import Mapping

from models.bottlenecks.shapes import CauseKind, Relief, Slowdown, Station
from models.formats import duration, number
from models.messages import Message, say


def cause_said(cause: Slowdown, statements: Mapping[str, str]) -> Message:
    """`statements` are the texts of statements by their id."""
    slower = {"stage": cause.stage or cause.analysis, "ratio": number(cause.ratio)}
    match cause.kind:
        case CauseKind.LOCK:
            return say(
                "{stage} is {ratio} times slower while sessions of {database} wait for a lock",
                **slower,
                database=cause.subject,
            )
        case CauseKind.API:
            return say(
                "{stage} is {ratio} times slower while {api} is slow or down",
                **slower,
                api=cause.subject,
            )
        case CauseKind.STATEMENT:
            return say(
                "{stage} is {ratio} times slower while this statement takes long: {statement}",
                **slower,
                statement=statements.get(cause.subject, cause.subject),
            )
        case CauseKind.RESOURCE:
            return say(
                "{stage} is {ratio} times slower while {resource} of {machine} is strained",
                **slower,
                resource=cause.subject,
                machine=cause.machine,
            )


def proof_said(cause: Slowdown) -> Message:
    return say(
        "{slow} (n = {n}) against {usual} (n = {m}), p = {p}, strained {stretches} times",
        slow=duration(cause.strained_seconds),
        n=cause.strained_runs,
        usual=duration(cause.calm_seconds),
        m=cause.calm_runs,
        p=f"{max(cause.p_value, 1e-4):.1g}",
        stretches=cause.stretches,
    )


def next_step_for(
    station: Station, stage: str, cause: Slowdown | None, relief: Relief | None
) -> Message:
    """What a person does next: about the likely cause where there is one, else about the stage."""
    if cause is not None:
        return _cure(cause)
    name = stage or station.analysis
    if relief is None or not relief.minutes_saved_a_day:
        return say("Start one more worker of {stage}, or let it take less time.", stage=name)
    return say(
        "Start one more worker of {stage}, or let it take less time: a quarter less saves "
        "{minutes} minutes of waiting a day.",
        stage=name,
        minutes=number(relief.minutes_saved_a_day),
    )


def _cure(cause: Slowdown) -> Message:
    match cause.kind:
        case CauseKind.LOCK:
            return say(
                "End or shorten the transaction that holds the lock: Machines, databases, shows "
                "who blocks whom."
            )
        case CauseKind.API:
            return say(
                "Ask whoever runs {api}; until then call it less often, or give it a time-out.",
                api=cause.subject,
            )
        case CauseKind.STATEMENT:
            return say("Look at its plan with EXPLAIN (ANALYZE, BUFFERS); an index may be missing.")
        case CauseKind.RESOURCE:
            return say(
                "Let less run at once on {machine}, or give it more {resource}.",
                machine=cause.machine,
                resource=cause.subject,
            )
