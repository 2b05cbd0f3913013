"""n8n's metrics in Prometheus' text format: only the lines that are wanted are looked at.

A line that cannot be read costs only itself.
"""

import re
from typing import NamedTuple

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
_LINE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*")
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?')
_ESCAPED = re.compile(r"\\(.)")
# `n8n_nodejs_version_info` is the version of Node.js.
_PREFIX = re.compile(r"^(\w*?)(?<!nodejs_)version_info\{", re.MULTILINE)
DEFAULT_PREFIX = "n8n_"


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


def exposition(text: str) -> Exposition:
    """What is wanted of the text.

    >>> exposition('n8n_workflow_failed_total{workflow_id="1"} 2').samples
    [Sample(name='workflow_failed_total', labels={'workflow_id': '1'}, value=2.0)]
    """
    prefix = _prefix(text)
    wanted = tuple(prefix + name for name in WANTED)
    lines = [line for line in text.splitlines() if line.startswith(wanted)]
    read = [_sample(line, len(prefix)) for line in lines[:LINES_MAX]]
    samples = [sample for sample in read if sample is not None]
    return Exposition(samples, len(read) - len(samples), max(0, len(lines) - LINES_MAX))


def _prefix(text: str) -> str:
    """What N8N_METRICS_PREFIX says; the version tells it."""
    found = _PREFIX.search(text)
    return found.group(1) if found else DEFAULT_PREFIX


def _sample(line: str, prefix_length: int) -> Sample | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    name, pairs, number = match.groups()
    labels = _labels(pairs or "")
    try:
        value = float(number)
    except ValueError:
        return None
    return None if labels is None else Sample(name[prefix_length:], labels, value)


def _labels(pairs: str) -> dict[str, str] | None:
    labels: dict[str, str] = {}
    end = 0
    for match in _LABEL.finditer(pairs):
        if match.start() != end:
            return None
        end = match.end()
        labels[match.group(1)] = _unescaped(match.group(2))
    return labels if end == len(pairs) else None


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda match: "\n" if match.group(1) == "n" else match.group(1), value)
