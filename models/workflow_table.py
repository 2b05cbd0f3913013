"""The table of workflows: how each one is, the worst first, and why.

What the store remembers (`WorkflowRuns`) and what the collector knows right now (its details)
are laid side by side; a workflow that only one of them knows stands in the table too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple
from urllib.parse import quote

from models.messages import Message, say

FAILING_STREAK = 2


class WorkflowRuns(NamedTuple):
    """A workflow over a span. Seconds are None where nothing was measured.

    `streak` counts the failures since the last success, within the span. `trend` has the runs in
    each of the span's equal parts, oldest first. Moments are UTC epoch seconds.
    """

    source: str
    workflow_id: str
    name: str
    runs: int
    successes: int
    failures: int
    median_seconds: float | None
    p95_seconds: float | None
    wait_p95_seconds: float | None
    last_success_at: float | None
    last_run_at: float | None
    streak: int
    trend: tuple[int, ...]

    @property
    def success_rate(self) -> float | None:
        """Of the runs that ended well or badly; None where none did."""
        ended = self.successes + self.failures
        return self.successes / ended if ended else None


class Standing(IntEnum):
    """How a workflow is; the order is that of the table."""

    STUCK = 0
    SILENT = 1
    FAILING = 2
    FAILED = 3
    FINE = 4
    QUIET = 5
    OFF = 6


@dataclass(frozen=True, slots=True)
class WorkflowLine:
    """One row of the table; `why` says more where there is more to say."""

    runs: WorkflowRuns
    standing: Standing
    why: Message | None
    link: str

    @property
    def key(self) -> str:
        """What stands in the address of the page."""
        return f"{self.runs.source}/{self.runs.workflow_id}"

    def execution_link(self, execution_id: str) -> str:
        """Where n8n shows that run, "" where it shows none; the id is text from outside."""
        return f"{self.link}/executions/{quote(execution_id, safe='')}" if self.link else ""


def workflow_lines(
    runs: Iterable[WorkflowRuns],
    known: Mapping[tuple[str, str], Mapping[str, Any]],
    details: Mapping[str, Any],
) -> list[WorkflowLine]:
    """`known` is what is remembered of each (source, id), `details` what its collector says now."""
    stored = {(row.source, row.workflow_id): row for row in runs}
    live = {
        (source, str(shape["id"])): shape
        for source, detail in details.items()
        for shape in detail.get("workflows", ())
    }
    keys = dict.fromkeys([*stored, *live, *known])
    lines = [
        _line(
            stored.get(key) or _without_runs(key, live.get(key) or known.get(key) or {}),
            {**known.get(key, {}), **live.get(key, {})},
        )
        for key in keys
    ]
    return sorted(lines, key=lambda line: (line.standing, line.runs.name.lower(), line.key))


def _without_runs(key: tuple[str, str], shape: Mapping[str, Any]) -> WorkflowRuns:
    name = str(shape.get("name") or key[1])
    return WorkflowRuns(*key, name, 0, 0, 0, None, None, None, None, None, 0, ())


def _line(runs: WorkflowRuns, shape: Mapping[str, Any]) -> WorkflowLine:
    standing, why = _standing(runs, shape)
    return WorkflowLine(runs, standing, why, str(shape.get("link") or ""))


def _standing(runs: WorkflowRuns, shape: Mapping[str, Any]) -> tuple[Standing, Message | None]:
    for name, standing in (("stuck", Standing.STUCK), ("silent", Standing.SILENT)):
        if shape.get(name):
            return standing, _said(shape[name])
    if runs.streak:
        return _failing(runs.streak)
    if shape.get("active") is False:
        return Standing.OFF, say("switched off in n8n")
    return (Standing.FINE, None) if runs.runs else (Standing.QUIET, say("no run in this span"))


def _failing(streak: int) -> tuple[Standing, Message]:
    if streak < FAILING_STREAK:
        return Standing.FAILED, say("the last run failed")
    return Standing.FAILING, say("{n} failures in a row", n=streak)


def _said(shape: Mapping[str, Any]) -> Message | None:
    reason = shape.get("reason")
    return Message.from_json(reason) if isinstance(reason, Mapping) else None
