"""Text Generation Inference."""

from models.exporters.preset import Preset

PRESET = Preset(
    name="tgi",
    prefixes=(
        "tgi_queue_size",
        "tgi_batch_current_size",
        "tgi_batch_inference_count",
        "tgi_request_count",
        "tgi_request_success",
        "tgi_request_failure",
        "tgi_request_duration",
        "tgi_request_queue_duration",
        "tgi_request_generated_tokens",
        "tgi_request_mean_time_per_token_duration",
    ),
    mark="tgi_",
)
