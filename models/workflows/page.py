"""What the page shows of an n8n and its workflows: JSON-able, small, moments in epoch seconds."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from models.messages import Message, say
from models.workflows.board import Line
from models.workflows.counters import Outcome
from models.workflows.payloads import QUEUED, WAITING, Run
from models.workflows.stuck import Stuck

OPEN_SHOWN = 20


def workflow_shape(line: Line, link: str, now: float) -> dict[str, object]:
    """One workflow. `silent` and `stuck` are None, or say why under "reason"."""
    silence = line.silence
    return {
        "id": line.id,
        "name": line.name,
        "active": line.info.active if line.info else None,
        "archived": line.info.archived if line.info else None,
        "tags": list(line.info.tags) if line.info else [],
        "link": workflow_link(link, line.id),
        **line.summary._asdict(),
        "expected_gap_seconds": silence.expected_gap_seconds,
        "silent": _silent(line, now) if silence.silent else None,
        "not_judged": silence.why_not.as_json() if silence.why_not else None,
        "stuck": _stuck(line, line.stuck, link) if line.stuck else None,
        "failures": [
            {**failure._asdict(), "link": execution_link(link, line.id, failure.execution_id)}
            for failure in line.failures
        ],
    }


def counted_shape(
    workflow_id: str, outcome: Outcome, seconds: Sequence[float | None], link: str
) -> dict[str, object]:
    """One workflow of which only n8n's counters tell, over the last hour."""
    judged = outcome.success + outcome.failed
    return {
        "id": workflow_id,
        "name": workflow_id,
        "active": None,
        "link": workflow_link(link, workflow_id),
        "runs_hour": judged,
        "successes_hour": outcome.success,
        "failures_hour": outcome.failed,
        "success_rate": outcome.success / judged if judged else None,
        "median_seconds": seconds[0],
        "p95_seconds": seconds[1],
        "silent": None,
        "stuck": None,
        "failures": [],
    }


def open_shape(run: Run, name: str, link: str) -> dict[str, object]:
    """One execution that has not ended."""
    execution = run.execution
    return {
        "execution_id": execution.execution_id,
        "workflow_id": execution.workflow_id,
        "name": name,
        "status": execution.status,
        "queued_at": execution.queued_at,
        "started_at": execution.started_at,
        "wait_till": run.wait_till,
        "link": execution_link(link, execution.workflow_id, execution.execution_id),
    }


def workflow_link(link: str, workflow_id: str) -> str:
    return f"{link}/workflow/{quote(workflow_id, safe='')}"


def execution_link(link: str, workflow_id: str, execution_id: str) -> str:
    """Where a person sees this run in n8n.

    >>> execution_link("https://n8n.example", "w1", "7")
    'https://n8n.example/workflow/w1/executions/7'
    """
    return f"{workflow_link(link, workflow_id)}/executions/{quote(execution_id, safe='')}"


def _silent(line: Line, now: float) -> Mapping[str, object]:
    last_run_at = line.summary.last_run_at or now
    reason = silence_said(now - last_run_at, line.silence.expected_gap_seconds or 0.0)
    return {"reason": reason.as_json(), "since_at": line.silence.since_at}


def silence_said(pause_seconds: float, gap_seconds: float) -> Message:
    return say(
        "no run for {pause}; at this time the next one comes after {gap}",
        pause=in_words(pause_seconds),
        gap=in_words(gap_seconds),
    )


def _stuck(line: Line, stuck: Stuck, link: str) -> Mapping[str, object]:
    return {
        **stuck._asdict(),
        "reason": _reason(stuck).as_json(),
        "link": execution_link(link, line.id, stuck.execution_id),
    }


def _reason(stuck: Stuck) -> Message:
    run, time = stuck.execution_id, in_words(stuck.seconds)
    if stuck.status == WAITING:
        return say("run {run} should have gone on {time} ago", run=run, time=time)
    if stuck.usual_seconds is None:
        if stuck.status == QUEUED:
            return say("run {run} has waited to start for {time}", run=run, time=time)
        return say("run {run} has been running for {time}", run=run, time=time)
    usual = in_words(stuck.usual_seconds)
    if stuck.status == QUEUED:
        return say(
            "run {run} has waited to start for {time}; 95 % of runs wait at most {usual}",
            run=run,
            time=time,
            usual=usual,
        )
    return say(
        "run {run} has been running for {time}; 95 % of runs take at most {usual}",
        run=run,
        time=time,
        usual=usual,
    )


def in_words(seconds: float) -> str:
    """One unit that every language writes alike.

    >>> [in_words(x) for x in (4.2, 75, 600, 5_400, 300_000)]
    ['4.2 s', '75 s', '10 min', '1.5 h', '3.5 d']
    """
    for limit, unit_seconds, unit in ((120, 1, "s"), (5_400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{_short(seconds / unit_seconds)} {unit}"
    return f"{_short(seconds / 86_400)} d"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"
