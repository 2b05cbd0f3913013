"""What the pages are told beside the series."""

from collections import Counter
from collections.abc import Collection, Sequence

from agent.collectors.n8n.metrics import QUANTILES, Metrics
from models.workflows.board import Line
from models.workflows.counters import bucket_quantile, outcomes
from models.workflows.page import OPEN_SHOWN, counted_shape, open_shape, workflow_shape
from models.workflows.payloads import QUEUED, Run


def snapshot_of(
    lines: Sequence[Line], runs: Collection[Run], metrics: Metrics, link: str, now: float
) -> dict[str, object]:
    """Moments are UTC epoch seconds. Without any line the counters speak."""
    names = {line.id: line.name for line in lines}
    shapes = [
        workflow_shape(line, link, now) for line in lines if line.info or line.summary.runs_day
    ]
    oldest = sorted(runs, key=lambda run: run.execution.started_at or run.execution.seen_at)
    scrape = metrics.scrape
    queue = dict(scrape.queue) if scrape else {}
    counts = Counter(run.execution.status for run in runs)
    return {
        "at": now,
        "version": scrape.version if scrape else "",
        "queue_waiting": queue.get("waiting", counts.get(QUEUED)),
        "queue_active": queue.get("active"),
        "open": dict(counts),
        "running": [
            open_shape(run, names.get(run.execution.workflow_id, ""), link)
            for run in oldest[:OPEN_SHOWN]
        ],
        "workflows": shapes or _counted(metrics, link),
    }


def _counted(metrics: Metrics, link: str) -> list[dict[str, object]]:
    return [
        counted_shape(
            workflow_id,
            outcome,
            [bucket_quantile(metrics.growth, workflow_id, share) for _, share in QUANTILES],
            link,
        )
        for workflow_id, outcome in outcomes(metrics.growth).items()
    ]
