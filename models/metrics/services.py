"""Metrics of endpoints, scraped exporters and Ollama."""

from models.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    # Endpoints
    "http.check.up": Metric("1", "1 while an endpoint is up, 0 while it is down; does not flap"),
    "http.check.success": Metric("1", "Share of checks that found what they expected"),
    "http.check.duration": Metric("s", "Time that a check took, by step"),
    "tls.certificate.remaining": Metric("s", "Time until the certificate ends"),
    # Scraped exporters
    "scrape.samples": Metric("{sample}", "Samples of the last answer, by what became of them"),
    "scrape.size": Metric("By", "Size of the last answer"),
    "scrape.duration": Metric("s", "Time that the exporter took to answer"),
    # Ollama
    "ollama.models": Metric("{model}", "Models that are loaded"),
    "ollama.model.size": Metric("By", "Memory of a loaded model"),
    "ollama.model.size_vram": Metric("By", "Part of a loaded model that is in GPU memory"),
    "ollama.model.remaining": Metric("s", "Time until a loaded model is unloaded"),
}
