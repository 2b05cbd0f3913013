"""Triton Inference Server. Its times are microseconds that add up, so they come as µs a second."""

from models.exporters.preset import Preset

PRESET = Preset(
    name="triton",
    prefixes=(
        "nv_inference_request_success",
        "nv_inference_request_failure",
        "nv_inference_count",
        "nv_inference_exec_count",
        "nv_inference_request_duration_us",
        "nv_inference_queue_duration_us",
        "nv_inference_compute_infer_duration_us",
        "nv_inference_pending_request_count",
        "nv_gpu_utilization",
        "nv_gpu_memory_used_bytes",
        "nv_gpu_memory_total_bytes",
        "nv_gpu_power_usage",
    ),
    mark="nv_inference_",
)
