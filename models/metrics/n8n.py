"""n8n and its workflows. Labels: source (name of the [[n8n]]), workflow.id, status, quantile."""

from models.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    "n8n.ready": Metric("1", "1 while n8n says that it is ready"),
    "n8n.response.duration": Metric("s", "Time until n8n answered how it is"),
    "n8n.workflows.active": Metric("{workflow}", "Workflows that are switched on"),
    "n8n.workflow.events": Metric("{event}/s", "Runs started, succeeded, failed, cancelled"),
    "n8n.queue.waiting": Metric("{job}", "Executions that wait for a worker"),
    "n8n.queue.active": Metric("{job}", "Executions that workers have taken"),
    "n8n.executions": Metric("{execution}", "Runs that ended in the last hour, by outcome"),
    "n8n.executions.open": Metric("{execution}", "Runs that have not ended, by state"),
    "n8n.execution.duration": Metric("s", "Duration of the last runs, by quantile"),
    "n8n.execution.wait": Metric("s", "Time between queued and started, 95th percentile"),
    "n8n.workflow.last_success_age": Metric("s", "Time since the last success"),
    "n8n.workflow.success_rate": Metric("1", "Share of the day's runs that succeeded"),
    "n8n.workflow.failure_streak": Metric("{failure}", "Failures since the last success"),
    "n8n.workflow.silent": Metric("1", "1 while it has not run for far longer than usual"),
    "n8n.workflow.stuck": Metric("1", "1 while a run of it takes far longer than usual"),
}
