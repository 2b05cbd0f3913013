"""n8n's own metrics, where it is scraped without the collector `n8n`."""

from models.exporters.preset import Preset

PRESET = Preset(
    name="n8n",
    prefixes=(
        "n8n_version_info",
        "n8n_active_workflow_count",
        "n8n_workflow_started_total",
        "n8n_workflow_success_total",
        "n8n_workflow_failed_total",
        "n8n_workflow_execution_duration_seconds",
        "n8n_scaling_mode_queue_jobs_",
        "n8n_queue_job_",
        "n8n_instance_role_leader",
        "n8n_process_cpu_seconds_total",
        "n8n_process_resident_memory_bytes",
        "n8n_nodejs_eventloop_lag_p99_seconds",
    ),
    mark="n8n_",
    version=("n8n_version_info", "version"),
)
