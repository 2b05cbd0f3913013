"""n8n's metrics in Prometheus' text format: only the lines that are wanted are looked at.

A line that cannot be read costs only itself.
"""

import re
from typing import NamedTuple

from models.exporters.lines import Lines

LINES_MAX = 20_000
WANTED = (
    "workflow_started_total",
    "workflow_success_total",
    "workflow_failed_total",
    "workflow_cancelled_total",
    "workflow_execution_duration_seconds_bucket",
    "audit_",
    "queue_job_",
    "scaling_mode_queue_jobs_",
    "active_workflow_count",
    "process_start_time_seconds",
    "version_info",
)
# `n8n_nodejs_version_info` is the version of Node.js.
_PREFIX = re.compile(r"^(\w*?)(?<!nodejs_)version_info\{", re.MULTILINE)
DEFAULT_PREFIX = "n8n_"
SUM = 'le="+Inf"'
"""The bucket that counts all."""


class Sample(NamedTuple):
    """`name` is without n8n's prefix."""

    name: str
    labels: dict[str, str]
    value: float


class Exposition(NamedTuple):
    """`unreadable` counts wanted lines that could not be read, `left_out` those beyond the most."""

    samples: list[Sample]
    unreadable: int
    left_out: int


def exposition(text: str, *, with_buckets: bool = True) -> Exposition:
    """What is wanted of the text; of a histogram all buckets, or only their sum.

    >>> exposition('n8n_workflow_failed_total{workflow_id="1"} 2').samples
    [Sample(name='workflow_failed_total', labels={'workflow_id': '1'}, value=2.0)]
    """
    prefix = _prefix(text)
    lines = Lines([prefix + name for name in WANTED], LINES_MAX)
    if not with_buckets:
        kept = (line for line in text.split("\n") if "_bucket{" not in line or SUM in line)
        text = "\n".join(kept)
    found = lines.read(text.encode(errors="replace"))
    samples = [
        Sample(name.removeprefix(prefix), dict(labels), value)
        for name, labels, value in found.samples
        if value is not None
    ]
    return Exposition(samples, found.malformed, found.dropped)


def _prefix(text: str) -> str:
    """What N8N_METRICS_PREFIX says; the version tells it."""
    found = _PREFIX.search(text)
    return found.group(1) if found else DEFAULT_PREFIX
