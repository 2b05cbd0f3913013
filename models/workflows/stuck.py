"""Stuck: an execution that runs, or waits for its turn, far longer than is usual."""

from collections.abc import Iterable
from typing import NamedTuple

from models.workflows.payloads import BY_HAND, QUEUED, RUNNING, WAITING, Run


class StuckRule(NamedTuple):
    """Stuck is what takes longer than `factor` times the usual 95th percentile, and longer than
    `floor_seconds`. Where no run was measured yet, `unknown_seconds` counts.
    """

    factor: float = 3.0
    floor_seconds: float = 300.0
    unknown_seconds: float = 3600.0


class Usual(NamedTuple):
    """95th percentiles; None where nothing was measured."""

    run_seconds: float | None
    wait_seconds: float | None


class Stuck(NamedTuple):
    """`seconds` is how long it runs or waits; for one that waits: since it should have gone on."""

    execution_id: str
    status: str
    seconds: float
    usual_seconds: float | None
    limit_seconds: float


def stuck(runs: Iterable[Run], usual: Usual, now: float, rule: StuckRule) -> Stuck | None:
    """The one that is stuck for longest, of the open executions of one workflow."""
    found = [s for run in runs if (s := _judged(run, usual, now, rule)) is not None]
    return max(found, key=lambda one: one.seconds - one.limit_seconds, default=None)


def _judged(run: Run, usual: Usual, now: float, rule: StuckRule) -> Stuck | None:
    execution = run.execution
    if execution.mode in BY_HAND:
        return None
    if execution.status == RUNNING:
        since, p95 = execution.started_at or execution.queued_at, usual.run_seconds
        limit = rule.unknown_seconds if p95 is None else rule.factor * p95
    elif execution.status == QUEUED:
        since, p95 = execution.queued_at, usual.wait_seconds
        limit = rule.factor * (p95 or 0.0)
    elif execution.status == WAITING:
        # Until then it waits on purpose. One that waits for a call has a moment far in the future.
        since, p95, limit = run.wait_till, None, 0.0
    else:
        return None
    seconds = now - since if since is not None else 0.0
    limit = max(limit, rule.floor_seconds)
    if seconds <= limit:
        return None
    return Stuck(execution.execution_id, execution.status, seconds, p95, limit)
