"""HAProxy's own exporter (2.0 and newer)."""

from models.exporters.preset import Preset

PRESET = Preset(
    name="haproxy",
    prefixes=(
        "haproxy_process_build_info",
        "haproxy_process_current_connections",
        "haproxy_process_max_connections",
        "haproxy_process_uptime_seconds",
        "haproxy_process_idle_time_percent",
        "haproxy_frontend_status",
        "haproxy_frontend_current_sessions",
        "haproxy_frontend_limit_sessions",
        "haproxy_frontend_http_requests_total",
        "haproxy_frontend_http_responses_total",
        "haproxy_frontend_bytes_",
        "haproxy_frontend_request_errors_total",
        "haproxy_backend_status",
        "haproxy_backend_active_servers",
        "haproxy_backend_current_queue",
        "haproxy_backend_current_sessions",
        "haproxy_backend_http_responses_total",
        "haproxy_backend_connection_errors_total",
        "haproxy_backend_response_time_average_seconds",
        "haproxy_backend_queue_time_average_seconds",
        "haproxy_server_status",
        "haproxy_server_current_queue",
        "haproxy_server_current_sessions",
        "haproxy_server_http_responses_total",
        "haproxy_server_connection_errors_total",
        "haproxy_server_response_time_average_seconds",
    ),
    mark="haproxy_",
    version=("haproxy_process_build_info", "version"),
)
