"""One n8n: health, queue, executions and workflows, by its metrics and its public API."""

from agent.collectors.n8n.collector import N8nCollector
from agent.collectors.n8n.house import House

__all__ = ["House", "N8nCollector"]
