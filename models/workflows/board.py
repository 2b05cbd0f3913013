"""All workflows of one n8n, as series and as the lines of a page. Pure but for its memory."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.messages import Message, say
from models.monitoring import Execution, Labels, Reading
from models.workflows.known import Known
from models.workflows.payloads import ENDED, OPEN, Run, Workflow
from models.workflows.runs import Failure, RunLog, Summary
from models.workflows.silence import Calendar, Rule
from models.workflows.stuck import Stuck, StuckRule, Usual, stuck
from models.workflows.verdicts import Silence, Watched

LEFT_OUT_NAMED = 5


@dataclass(frozen=True, slots=True)
class Rules:
    silence: Rule
    stuck: StuckRule
    workflows_max: int = 200


class Line(NamedTuple):
    """One workflow, judged."""

    id: str
    name: str
    info: Workflow | None
    summary: Summary
    silence: Silence
    stuck: Stuck | None
    failures: tuple[Failure, ...]


class Board:
    """`source` is the collector's name, `instance` what its series are labelled with."""

    def __init__(self, known: Known, calendar: Calendar, rules: Rules) -> None:
        self._calendar = calendar
        self._rules = rules
        self._watched: dict[str, Watched] = {}
        self.read_at: float | None = None
        """When the executions were last read to the newest one: silence is judged at that time."""
        for workflow_id, starts in known.starts.items():
            self._watched[workflow_id] = Watched(RunLog(starts))
        for workflow_id, at in known.last_success_at.items():
            self._of(workflow_id).log.last_success_at = at
        for execution in known.runs:
            self.take(execution)

    def take(self, execution: Execution) -> None:
        """Take a change of an execution; each only once."""
        if not execution.workflow_id:
            return
        log = self._of(execution.workflow_id).log
        log.start(execution)
        if execution.status in ENDED:
            log.end(execution)

    def tell(self, workflow_id: str, failure: Failure) -> None:
        """Add to a failure what n8n was asked for."""
        self._of(workflow_id).log.tell(failure)

    def count(self, growth: Mapping[str, tuple[float, float]], now: float) -> None:
        """Take how many runs started and succeeded by n8n's counters since the last look."""
        for workflow_id, (started, succeeded) in growth.items():
            watched = self._of(workflow_id)
            watched.counted = True
            if started or succeeded:
                listed = watched.info is not None and watched.info.saves_successes
                watched.log.prove(now, success=succeeded > 0, learn=not listed)

    def describe(self, workflows: Sequence[Workflow], now: float) -> None:
        """Take n8n's whole list; those that it lacks are gone."""
        for workflow in workflows:
            self._of(workflow.id).describe(workflow, now)
        for gone in self._watched.keys() - {workflow.id for workflow in workflows}:
            self._watched[gone].info = None

    def name_of(self, workflow_id: str) -> str:
        watched = self._watched.get(workflow_id)
        return watched.info.name if watched and watched.info else workflow_id

    def learn_one(self, now: float) -> bool:
        """Learn the habit of one workflow that waits for it; False when none does."""
        for watched in self._watched.values():
            if watched.wants_to_learn(now):
                watched.learn(self._calendar, self._rules.silence, now)
                return True
        return False

    def lines(self, runs: Iterable[Run], now: float) -> list[Line]:
        """Those that are watched, by name; `runs` are the executions that have not ended."""
        open_of: dict[str, list[Run]] = {}
        for run in runs:
            open_of.setdefault(run.execution.workflow_id, []).append(run)
        lines = [
            self._line(workflow_id, open_of.get(workflow_id, ()), now)
            for workflow_id in self._ranked()[: self._rules.workflows_max]
        ]
        return sorted(lines, key=lambda line: (line.name.casefold(), line.id))

    def left_out(self) -> Message | None:
        """Who is not watched because there are too many."""
        names = [self.name_of(i) for i in self._ranked()[self._rules.workflows_max :]]
        if not names:
            return None
        return say(
            "{count} workflows are left out, the limit is {limit}: {names}; raise workflows_max",
            count=len(names),
            limit=self._rules.workflows_max,
            names=", ".join(names[:LEFT_OUT_NAMED]) + (" ..." if names[LEFT_OUT_NAMED:] else ""),
        )

    def _of(self, workflow_id: str) -> Watched:
        watched = self._watched.get(workflow_id)
        if watched is None:
            watched = self._watched[workflow_id] = Watched(RunLog())
            self._forget_one()
        return watched

    def _forget_one(self) -> None:
        """Ids come from outside: however many there are, memory has an end."""
        if len(self._watched) > 3 * self._rules.workflows_max:
            oldest = min(self._watched, key=lambda i: self._watched[i].log.last_run_at or 0.0)
            del self._watched[oldest]

    def _ranked(self) -> list[str]:
        """Active ones first, then those that ran last: who is left out matters least."""

        def rank(workflow_id: str) -> tuple[bool, bool, float, str]:
            watched = self._watched[workflow_id]
            info = watched.info
            is_on = info is not None and info.active and not info.archived
            return not is_on, info is None, -(watched.log.last_run_at or 0.0), workflow_id

        return sorted(self._watched, key=rank)

    def _line(self, workflow_id: str, runs: Iterable[Run], now: float) -> Line:
        watched = self._watched[workflow_id]
        summary = watched.log.summary(now)
        if watched.info is not None and not watched.info.saves_successes:
            summary = summary._replace(success_rate=None)
        usual = Usual(summary.p95_seconds, summary.wait_seconds)
        return Line(
            workflow_id,
            self.name_of(workflow_id),
            watched.info,
            summary,
            watched.silence(self._calendar, self._rules.silence, self.read_at),
            stuck(runs, usual, self.read_at or now, self._rules.stuck),
            tuple(reversed(watched.log.failures)),
        )


def readings_of(
    lines: Iterable[Line], runs: Iterable[Run], instance: str, now: float
) -> list[Reading]:
    """At most eleven series a workflow; none of what has neither runs nor an owner's interest."""
    counts = Counter(run.execution.status for run in runs)
    readings = [
        Reading("n8n.executions.open", counts[status], (("source", instance), ("status", status)))
        for status in sorted(OPEN)
    ]
    for line in lines:
        is_active = line.info is not None and line.info.active
        if is_active or line.summary.runs_day or line.stuck:
            readings += _of_line(line, instance, now)
    return readings


def _of_line(line: Line, instance: str, now: float) -> list[Reading]:
    summary = line.summary
    labels: Labels = (("source", instance), ("workflow.id", line.id))
    succeeded_at = summary.last_success_at
    success_age = None if succeeded_at is None else max(0.0, now - succeeded_at)
    is_silent = None if line.silence.why_not else float(line.silence.silent)
    values: list[tuple[str, float | None, Labels]] = [
        ("n8n.executions", summary.successes_hour, _with(labels, "status", "success")),
        ("n8n.executions", summary.failures_hour, _with(labels, "status", "error")),
        ("n8n.execution.duration", summary.median_seconds, _with(labels, "quantile", "0.5")),
        ("n8n.execution.duration", summary.p95_seconds, _with(labels, "quantile", "0.95")),
        ("n8n.execution.wait", summary.wait_seconds, labels),
        ("n8n.workflow.last_success_age", success_age, labels),
        ("n8n.workflow.success_rate", summary.success_rate, labels),
        ("n8n.workflow.failure_streak", summary.streak, labels),
        ("n8n.workflow.silent", is_silent, labels),
        ("n8n.workflow.stuck", float(line.stuck is not None), labels),
    ]
    return [Reading(*value) for value in values if value[1] is not None]


def _with(labels: Labels, name: str, value: str) -> Labels:
    return tuple(sorted((*labels, (name, value))))
