"""What n8n's own counters tell: events, queue, durations, and which of them are switched off.

Counters appear when something happens for the first time: one that is absent is not zero.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from math import inf, isfinite
from typing import NamedTuple

from models.exporters.quantiles import quantile
from models.messages import Message, say
from models.monitoring import Execution
from models.workflows.exposition import Sample

EVENTS = {
    "workflow_started_total": "started",
    "workflow_success_total": "success",
    "workflow_failed_total": "failed",
    "workflow_cancelled_total": "cancelled",
}
BUCKET = "workflow_execution_duration_seconds_bucket"
QUEUE = {"scaling_mode_queue_jobs_waiting": "waiting", "scaling_mode_queue_jobs_active": "active"}
COUNTED = frozenset({"success", "error"})
"""How a run ends that n8n's counters tell of; a crash takes them with it."""
WINDOW_SECONDS = 3600.0
KEPT_EVERY_SECONDS = 300.0

Key = tuple[str, str, str]
"""Kind, workflow id ("" for all of them), and event, upper bound or outcome.

Kinds: `event` of the event bus, `bucket` of the histogram, `ended` as the histogram counts it.
"""


class Scrape(NamedTuple):
    """`counters` hold events and buckets, summed over what is of no interest here.

    `has_events`: the event bus counts something, if only who signed in (`n8n_audit_*`).
    """

    counters: dict[Key, float]
    queue: dict[str, float]
    version: str
    active_workflows: float | None
    has_events: bool
    has_workflow_ids: bool
    has_queue_events: bool
    runs: float
    """Executions since the start of n8n that both ways of counting tell of: at its start it adds
    what a crash ended to the histogram alone.
    """
    started_at: float | None = None
    """When n8n started, epoch seconds of its clock: its counters began then."""


def scrape_of(samples: Iterable[Sample]) -> Scrape:
    counters: dict[Key, float] = {}
    single: dict[str, Sample] = {}
    finite = [sample for sample in samples if isfinite(sample.value)]
    for sample in finite:
        if sample.name in EVENTS or sample.name == BUCKET:
            _count(counters, sample)
        else:
            single[sample.name] = sample
    version = single["version_info"].labels.get("version", "") if "version_info" in single else ""
    active = single.get("active_workflow_count")
    started = single.get("process_start_time_seconds")
    has_audit = any(name.startswith("audit_") for name in single)
    return Scrape(
        counters,
        {state: single[name].value for name, state in QUEUE.items() if name in single},
        version.removeprefix("v")[:40],
        None if active is None else active.value,
        has_audit or any(kind == "event" for kind, _, _ in counters),
        any(workflow_id for _, workflow_id, _ in counters),
        any(name.startswith("queue_job_") for name in single),
        counters.get(("ended", "", "success"), 0.0) or counters.get(("event", "", "started"), 0.0),
        None if started is None else started.value,
    )


def _count(counters: dict[Key, float], sample: Sample) -> None:
    labels = sample.labels
    for whose in {"", labels.get("workflow_id", "")}:
        for kind, last in _kinds(sample):
            key = (kind, whose, last)
            counters[key] = counters.get(key, 0.0) + sample.value


def _kinds(sample: Sample) -> list[tuple[str, str]]:
    if sample.name != BUCKET:
        return [("event", EVENTS[sample.name])]
    bound = sample.labels.get("le", "")
    if bound != "+Inf":
        return [("bucket", bound)]
    return [("bucket", bound), ("ended", sample.labels.get("status", ""))]


def switched_off(scrape: Scrape, runs_since: int) -> dict[str, Message]:
    """Flags of n8n that are off, as far as it can be told.

    `runs_since`: executions that were seen to end since its metrics were first read. With none,
    and none in the histogram, event counters may just not have come yet.
    """
    messages = {}
    if not scrape.has_events and (runs_since or scrape.runs):
        messages["events"] = say(
            "n8n runs workflows, and its metrics do not count them; start n8n with "
            "N8N_METRICS_INCLUDE_MESSAGE_EVENT_BUS_METRICS=true"
        )
    elif scrape.runs and not scrape.has_workflow_ids:
        messages["workflow ids"] = say(
            "n8n's metrics do not say which workflow they count; start n8n with "
            "N8N_METRICS_INCLUDE_WORKFLOW_ID_LABEL=true"
        )
    if scrape.has_queue_events and not scrape.queue:
        messages["queue"] = say(
            "n8n has a queue, and its metrics do not show it; start n8n with "
            "N8N_METRICS_INCLUDE_QUEUE_METRICS=true"
        )
    return messages


class LastRun:
    """When the newest run began that n8n's counters must know. Pure but for its memory.

    Lists and counters are asked at different times: only what had ended at the scrape before
    surely stands in the last one.
    """

    def __init__(self) -> None:
        self.counted_at: float | None = None
        self._ended: float | None = None
        self._ended_before: float | None = None

    def take(self, execution: Execution) -> None:
        began_at = execution.started_at
        if execution.status in COUNTED and began_at is not None:
            self._ended = max(began_at, self._ended or began_at)

    def scraped(self) -> None:
        self.counted_at, self._ended_before = self._ended_before, self._ended


class Window:
    """Growth of counters within about the last hour. Pure but for its memory."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, dict[Key, float]]] = deque()
        self._last: dict[Key, float] = {}

    def growth(self, counters: dict[Key, float], now: float) -> dict[Key, float]:
        """What each counter grew by since the oldest look that is at most an hour ago.

        One that was absent then began at zero: its first event is counted. After a restart of n8n
        all of them begin anew.
        """
        if _went_back(self._last, counters):
            self._kept.clear()
            self._kept.append((now, {}))
        self._last = dict(counters)
        if not self._kept or now - self._kept[-1][0] >= KEPT_EVERY_SECONDS:
            self._kept.append((now, self._last))
        while len(self._kept) > 1 and now - self._kept[1][0] >= WINDOW_SECONDS:
            self._kept.popleft()
        base = self._kept[0][1]
        return {key: max(0.0, value - base.get(key, 0.0)) for key, value in counters.items()}


def _went_back(before: Mapping[Key, float], counters: Mapping[Key, float]) -> bool:
    return any(counters.get(key, 0.0) < value for key, value in before.items())


class Outcome(NamedTuple):
    """Runs of one workflow by the counters."""

    started: float
    success: float
    failed: float


def outcomes(growth: Mapping[Key, float]) -> dict[str, Outcome]:
    """By workflow id; of the event bus where it counts, else of the histogram.

    A canceled run counts as failed and as cancelled: it is neither here.
    """
    ids = dict.fromkeys(whose for _, whose, _ in growth if whose)
    return {workflow_id: _outcome(growth, workflow_id) for workflow_id in ids}


def _outcome(growth: Mapping[Key, float], whose: str) -> Outcome:
    def of(kind: str, last: str) -> float:
        return growth.get((kind, whose, last), 0.0)

    if any(("event", whose, event) in growth for event in EVENTS.values()):
        failed = max(0.0, of("event", "failed") - of("event", "cancelled"))
        return Outcome(of("event", "started"), of("event", "success"), failed)
    success, failed = of("ended", "success"), of("ended", "failed")
    return Outcome(success + failed, success, failed)


def bucket_quantile(growth: Mapping[Key, float], workflow_id: str, share: float) -> float | None:
    """Seconds, linear within the bucket, as Prometheus does it; None where nothing ended."""
    buckets = {
        _bound(last): count
        for (kind, whose, last), count in growth.items()
        if kind == "bucket" and whose == workflow_id
    }
    return quantile(buckets, share)


def _bound(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return inf
