"""vLLM, in the names of its engine V1; those of V0, and underscores for colons, become them."""

from models.exporters.preset import Preset

_KEPT = (
    "num_requests_running",
    "num_requests_waiting",
    "kv_cache_usage_perc",
    "num_preemptions",
    "prompt_tokens",
    "generation_tokens",
    "request_success",
    "time_to_first_token_seconds",
    "inter_token_latency_seconds",
    "e2e_request_latency_seconds",
    "request_queue_time_seconds",
    "prefix_cache_hits",
    "prefix_cache_queries",
)
_OLD = {
    "gpu_cache_usage_perc": "kv_cache_usage_perc",
    "time_per_output_token_seconds": "inter_token_latency_seconds",
    "gpu_prefix_cache_hits": "prefix_cache_hits",
    "gpu_prefix_cache_queries": "prefix_cache_queries",
}
_ENDS = ("", "_total", "_bucket", "_count", "_sum")
PRESET = Preset(
    name="vllm",
    prefixes=tuple(f"vllm{colon}{name}" for colon in ":_" for name in (*_KEPT, *_OLD)),
    mark="vllm",
    renamed={
        **{f"vllm_{name}{end}": f"vllm:{name}{end}" for name in _KEPT for end in _ENDS},
        **{
            f"vllm{colon}{old}{end}": f"vllm:{new}{end}"
            for old, new in _OLD.items()
            for colon in ":_"
            for end in _ENDS
        },
    },
)
