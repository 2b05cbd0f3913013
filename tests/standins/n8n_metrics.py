"""What the stand-in shows under /metrics: counters appear with their first event."""

from collections import Counter

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
BUCKETS = (*map(str, BOUNDS), "+Inf")


def metrics_text(n8n) -> str:
    major, minor = n8n.numbers
    lines = [
        f'version_info{{version="v{n8n.version}",major="{major}",minor="{minor}"}} 1',
        'nodejs_version_info{version="v24.19.0",major="24"} 1',
        f"active_workflow_count {sum(w.active for w in n8n.workflows.values())}",
    ]
    if n8n.queue_mode and "queue" in n8n.flags:
        waiting = sum(e.status == "new" for e in n8n.executions.values())
        lines.append(f"scaling_mode_queue_jobs_waiting {waiting}")
        completed = sum(count for key, count in n8n.durations.items() if key[-1] == "+Inf")
        lines.append(f"scaling_mode_queue_jobs_completed {completed}")
    if "events" in n8n.flags:
        lines += _events(n8n)
    if "durations" in n8n.flags and n8n.numbers >= (2, 20):
        lines += _durations(n8n)
    return "".join(f"{n8n.prefix}{line}\n" for line in lines)


def _events(n8n) -> list[str]:
    counts: Counter[str] = Counter()
    for (event, workflow_id), count in n8n.events.items():
        label = f'{{workflow_id="{workflow_id}"}}' if "ids" in n8n.flags else ""
        counts[f"workflow_{event}_total{label}"] += count
    if n8n.queue_mode:
        counts.update({f"queue_job_{name}_total": n for name, n in n8n.queue_events.items()})
    return [f"{name} {count}" for name, count in counts.items()]


def _durations(n8n) -> list[str]:
    counts: Counter[str] = Counter()
    for (status, mode, workflow_id, bound), count in n8n.durations.items():
        ids = f',workflow_id="{workflow_id}"' if "ids" in n8n.flags else ""
        name = "workflow_execution_duration_seconds_bucket"
        counts[f'{name}{{le="{bound}",status="{status}",mode="{mode}"{ids}}}'] += count
    return [f"{key} {count}" for key, count in counts.items()]
