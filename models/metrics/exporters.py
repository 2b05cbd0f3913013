"""Metrics of exporters that are known by name, where the name alone does not tell the unit or the
meaning. Counters are kept as their growth per second, histograms as their quantiles.
"""

from models.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    "vllm:num_requests_running": Metric("{request}", "Requests that vLLM works on"),
    "vllm:num_requests_waiting": Metric("{request}", "Requests that wait for vLLM"),
    "vllm:kv_cache_usage_perc": Metric("1", "KV cache of vLLM in use"),
    "vllm:prompt_tokens_total": Metric("{token}/s", "Tokens that vLLM read"),
    "vllm:generation_tokens_total": Metric("{token}/s", "Tokens that vLLM wrote"),
    "vllm:time_to_first_token_seconds": Metric("s", "Time to the first token"),
    "vllm:inter_token_latency_seconds": Metric("s", "Time between two tokens"),
    "vllm:e2e_request_latency_seconds": Metric("s", "Time of a request to vLLM"),
    "vllm:request_queue_time_seconds": Metric("s", "Time that a request to vLLM waited"),
    "tgi_queue_size": Metric("{request}", "Requests that wait for TGI"),
    "tgi_batch_current_size": Metric("{request}", "Requests in TGI's batch"),
    "tgi_request_count": Metric("{request}/s", "Requests to TGI"),
    "tgi_request_duration": Metric("s", "Time of a request to TGI"),
    "tgi_request_queue_duration": Metric("s", "Time that a request to TGI waited"),
    "tgi_request_generated_tokens": Metric("{token}", "Tokens that TGI wrote for a request"),
    "nv_inference_request_success": Metric("{request}/s", "Requests that Triton answered"),
    "nv_inference_request_failure": Metric("{request}/s", "Requests that failed in Triton"),
    "nv_inference_pending_request_count": Metric("{request}", "Requests that wait for Triton"),
    "nv_inference_queue_duration_us": Metric("us/s", "Waiting that Triton's requests did"),
    "nv_gpu_utilization": Metric("1", "GPU in use, as Triton sees it"),
    "nv_gpu_power_usage": Metric("W", "Power drawn by the GPU, as Triton sees it"),
    "haproxy_backend_current_queue": Metric("{request}", "Requests that wait in HAProxy"),
    "haproxy_frontend_http_requests_total": Metric("{request}/s", "Requests to HAProxy"),
    "haproxy_backend_http_responses_total": Metric("{response}/s", "Answers by backend and code"),
}
